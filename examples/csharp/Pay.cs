// Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name. It needs .NET 8 and nothing else.
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Of("API_KEY"));

var quote = JsonDocument.Parse(await Call("/v1/quotes", new { card = Of("API_CARD"), amount = 1000 }));
var bill = new { quote = quote.RootElement.GetProperty("token").GetString() };
var name = $"csharp-{DateTime.UtcNow.Ticks}"; // a shop uses the order's number
var paid = await Call("/v1/consumes", bill, name);
if (await Call("/v1/consumes", bill, name) != paid) throw new InvalidOperationException("another answer");
var receipt = JsonDocument.Parse(paid).RootElement;
var of = receipt.GetProperty("entry").GetProperty("bill");
var (card, due) = (of.GetProperty("by_card").GetInt64(), of.GetProperty("due").GetInt64()); // due: paid in another way
var left = receipt.GetProperty("balance").GetProperty("total").GetInt64();
Console.WriteLine($"the card paid {card}, due {due}, left {left}, again the same");

static string Of(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException(name);

// Sends a request, and again under the same name while it is open what became of it.
async Task<string> Call(string path, object body, string? once = null)
{
    for (var n = 1; ; n++)
    {
        try
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Of("API_URL").TrimEnd('/') + path)
            {
                Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
            };
            if (once != null) request.Headers.Add("Idempotency-Key", once);
            var answer = await http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode) return text;
            if (n == 4 || (int)answer.StatusCode < 500 && !text.Contains("\"rate_limited\""))
                throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
        }
        catch (Exception e) when (n < 4 && e is HttpRequestException or TaskCanceledException)
        {
            // no answer came
        }
        await Task.Delay(250 << n);
    }
}
