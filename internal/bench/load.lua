-- One closed-loop load on the member-cjb wire. The environment says which:
-- KIND (consume, recharge, getcardinfo, getcards, echo; or api, a bill by the native API), CARDS (1 = one hot card),
-- TOKEN, GUID; or LIST, a file of paths to get instead, each once.
local kind, cards = os.getenv("KIND"), tonumber(os.getenv("CARDS"))
local bodies = {
  consume = '{"card_id": "%s", "money": 1.00}',
  recharge = '{"card_id": "%s", "money": "1.00", "pay_type": 1}',
  getcardinfo = '{"card_id": "%s"}',
  getcards = '{"key": "%s"}',
  echo = '{"card_id": "%s", "money": 1.00}',
}
local api = kind == "api"
if api then bodies.api = '{"card": "%s", "amount": 100}' end
local path, body = api and "/v1/consumes" or "/api2/member-cjb/" .. kind, bodies[kind]
local headers = {
  ["Content-Type"] = "application/json",
  ["AUTHORIZATION"] = os.getenv("TOKEN"),
  ["CUSTOMERGUID"] = os.getenv("GUID"),
}

-- Each bill by the API has a name of its own, in place of this one.
local unnamed = "name-of-20-characters"
if api then
  headers["AUTHORIZATION"] = "Bearer " .. os.getenv("TOKEN")
  headers["Tongka-Merchant"] = os.getenv("MERCHANT")
  headers["Idempotency-Key"] = unnamed
end

-- All requests are made before the load begins. Making them during it would use a large part of the processors
-- that are measured.
local list, requests, at = os.getenv("LIST"), {}, 0
local draws = 100000
local seed, named = os.getenv("SEED"), 0

function init()
  math.randomseed(tonumber(os.getenv("SEED")))
  if list ~= "" then
    for path in io.lines(list) do requests[#requests + 1] = wrk.format("GET", path) end
    return
  end
  for i = 1, cards == 1 and 1 or draws do
    local card = "B" .. string.format("%08d", cards == 1 and 0 or math.random(cards))
    requests[i] = wrk.format("POST", path, headers, string.format(body, card))
    if api then
      local from, to = requests[i]:find(unnamed, 1, true)
      requests[i] = { requests[i]:sub(1, from - 1), requests[i]:sub(to + 1) }
    end
  end
end

function request()
  at = at + 1
  if list == "" and at > #requests then at = 1 end
  if not api then return requests[at] end
  named = named + 1
  return requests[at][1] .. string.format("%s-%010d", seed, named) .. requests[at][2]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
