import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name. It needs the JDK and nothing else. */
public class Pay {
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private static final int TRIES = 4;

    public static void main(String[] args) throws Exception {
        String card = System.getenv("API_CARD");
        String quote = call("/v1/quotes", "{\"card\":\"" + card + "\",\"amount\":1000}", null);
        String bill = "{\"quote\":\"" + member(quote, "\"token\":\"([^\"]*)\"") + "\"}";
        String name = "java-" + System.nanoTime(); // a shop uses the order's number
        String paid = call("/v1/consumes", bill, name);
        if (!call("/v1/consumes", bill, name).equals(paid)) {
            throw new IllegalStateException("another answer");
        }
        String left = member(paid, "\"balance\":\\{\"currency\":\"CNY\",\"total\":(-?\\d+)");
        String byCard = member(paid, "\"by_card\":(\\d+)");
        String due = member(paid, "\"due\":(\\d+)"); // the guest pays it in another way
        System.out.println("the card paid " + byCard + ", due " + due + ", left " + left + ", again the same");
    }

    /** Sends a request, and again under the same name while it is open what became of it. */
    private static String call(String path, String body, String name) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + System.getenv("API_KEY"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
        if (name != null) {
            request.header("Idempotency-Key", name);
        }
        for (int n = 1;; n++) {
            try {
                HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }
                if (n == TRIES || answer.statusCode() < 500 && !answer.body().contains("\"rate_limited\"")) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
            } catch (java.io.IOException lost) {
                if (n == TRIES) {
                    throw lost;
                }
            }
            Thread.sleep(250L << n);
        }
    }

    private static String member(String json, String pattern) {
        Matcher m = Pattern.compile(pattern).matcher(json);
        if (!m.find()) {
            throw new IllegalStateException(json);
        }
        return m.group(1);
    }
}
