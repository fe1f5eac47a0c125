<?php
// Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name. It needs the curl extension.
declare(strict_types=1);

function call(string $path, array $body, ?string $name = null): array
{
    $headers = ['Authorization: Bearer ' . getenv('API_KEY'), 'Content-Type: application/json'];
    if ($name !== null) {
        $headers[] = 'Idempotency-Key: ' . $name;
    }
    for ($n = 1; ; $n++) {
        $c = curl_init(getenv('API_URL') . $path);
        curl_setopt_array($c, [
            CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30, CURLOPT_POST => true,
            CURLOPT_HTTPHEADER => $headers, CURLOPT_POSTFIELDS => json_encode($body, JSON_THROW_ON_ERROR),
        ]);
        $answer = curl_exec($c);
        $status = curl_getinfo($c, CURLINFO_RESPONSE_CODE);
        if ($status === 200) {
            return json_decode($answer, true, 16, JSON_THROW_ON_ERROR);
        }
        // ask again under the same name
        $open = $answer === false || $status >= 500 || str_contains($answer, '"rate_limited"');
        if (!$open || $n === 4) {
            throw new RuntimeException("$status $answer");
        }
        usleep(250_000 << $n);
    }
}

$quote = call('/v1/quotes', ['card' => getenv('API_CARD'), 'amount' => 1000]);
$name = 'php-' . hrtime(true); // a shop uses the order's number
$paid = call('/v1/consumes', ['quote' => $quote['token']], $name);
if (call('/v1/consumes', ['quote' => $quote['token']], $name) !== $paid) {
    throw new RuntimeException('another answer');
}
['by_card' => $card, 'due' => $due] = $paid['entry']['bill']; // what is due the guest pays in another way
echo "the card paid $card, due $due, left {$paid['balance']['total']}, again the same\n";
