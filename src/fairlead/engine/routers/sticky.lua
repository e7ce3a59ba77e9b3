-- Tells clients apart, so that each stays with one version: hashes what a client is told by, draws a number from the
-- hash, and gives it to the route in a header. What was hashed goes nowhere else.

local DRAW = "x-fairlead-draw"
local LONGEST = 1024 -- bytes that are hashed, the last ones: of two tokens it is the signatures that differ
local WHOLE = 1000000

local tobit, tohex, band, bor, bxor, bnot = bit.tobit, bit.tohex, bit.band, bit.bor, bit.bxor, bit.bnot
local rshift, lshift, ror = bit.rshift, bit.lshift, bit.ror

-- SHA-256 (FIPS 180-4); its constants are the first 32 bits of the fractions of roots of the first primes.

local ROUNDS, START = {}, {}

local function fraction(number)
  return tobit(math.floor((number % 1) * 4294967296))
end

local candidate = 2
while #ROUNDS < 64 do
  local prime = true
  for divisor = 2, math.floor(math.sqrt(candidate)) do
    prime = prime and candidate % divisor ~= 0
  end
  if prime then
    if #START < 8 then
      START[#START + 1] = fraction(math.sqrt(candidate))
    end
    ROUNDS[#ROUNDS + 1] = fraction(candidate ^ (1 / 3))
  end
  candidate = candidate + 1
end

local words = {}

local function schedule(text, at)
  for i = 1, 16 do
    local a, b, c, d = text:byte(at + 4 * i - 4, at + 4 * i - 1)
    words[i] = bor(lshift(a, 24), lshift(b, 16), lshift(c, 8), d)
  end
  for i = 17, 64 do
    local x, y = words[i - 15], words[i - 2]
    local s0 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
    local s1 = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    words[i] = tobit(s0 + s1 + words[i - 16] + words[i - 7])
  end
end

local function compress(state)
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 64 do
    local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
    local t1 = tobit(h + s1 + bxor(band(e, f), band(bnot(e), g)) + ROUNDS[i] + words[i])
    local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
    local t2 = s0 + bxor(band(a, b), band(a, c), band(b, c))
    a, b, c, d, e, f, g, h = tobit(t1 + t2), a, b, c, tobit(d + t1), e, f, g
  end
  local mixed = { a, b, c, d, e, f, g, h }
  for i = 1, 8 do
    state[i] = tobit(state[i] + mixed[i])
  end
end

local function sha256(text)
  local bits, state = #text * 8, { unpack(START) }
  local length = string.char(band(rshift(bits, 24), 255), band(rshift(bits, 16), 255), band(rshift(bits, 8), 255), band(bits, 255))
  text = text .. "\128" .. string.rep("\0", (55 - #text) % 64 + 4) .. length
  for at = 1, #text, 64 do
    schedule(text, at)
    compress(state)
  end
  return state
end

local function hexadecimal(state, count)
  local found = {}
  for i = 1, count do
    found[i] = tohex(state[i])
  end
  return table.concat(found)
end

-- What a client is told by.

local made = 0

local function fresh(handle)
  made = made + 1
  local id = handle:headers():get("x-request-id") or ""
  local now = handle:timestampString(EnvoyTimestampResolution.MICROSECOND)
  return hexadecimal(sha256(table.concat({ id, now, made, tostring(words) }, " ")), 4)
end

local function in_cookies(cookies, wanted)
  for one in string.gmatch(cookies or "", "[^;,]+") do
    local name, value = one:match("^%s*([^=]-)%s*=%s*(.-)%s*$")
    if name == wanted and value ~= "" then
      return value
    end
  end
end

local function in_headers(headers, wanted)
  for _, name in ipairs(wanted) do
    local value = headers:get(name)
    if value and value ~= "" then
      return value
    end
  end
end

local function by_cookie(handle, name)
  local known = in_cookies(handle:headers():get("cookie"), name)
  if known then
    return known
  end
  local new = fresh(handle)
  local secure = handle:headers():get("x-forwarded-proto") == "https" and "; Secure" or ""
  local cookie = name .. "=" .. new .. "; Path=/; HttpOnly; SameSite=Lax" .. secure
  handle:streamInfo():dynamicMetadata():set("fairlead", "cookie", cookie)
  return new
end

function envoy_on_request(handle)
  local told, headers = handle:metadata(), handle:headers()
  local names = told:get("names")
  local value = told:get("by") == "cookie" and by_cookie(handle, names[1]) or in_headers(headers, names)
  if not value then
    headers:remove(DRAW)
    return
  end
  local hash = sha256(told:get("salt") .. "\0" .. value:sub(-LONGEST))
  handle:streamInfo():dynamicMetadata():set("fairlead", "unit", hexadecimal(hash, 2))
  headers:replace(DRAW, string.format("%d", math.floor(hash[1] % 4294967296 * WHOLE / 4294967296)))
end

function envoy_on_response(handle)
  local known = handle:streamInfo():dynamicMetadata():get("fairlead")
  if known and known["cookie"] then
    handle:headers():add("set-cookie", known["cookie"])
  end
end
