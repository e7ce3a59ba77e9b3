"""The scripts that Redis runs, each as one step: `lending.lend` and `lending.closed` said again in Lua.

Keys, all behind one prefix in braces, so that a cluster keeps them together: `c:<counter>` is a hash with `taken`,
`spent`, and for each process `g:<holder>` and `s:<holder>`; `h:<holder>` is the set of its counters; `holders` and
`wanted` are sorted by time. Numbers of Lua are doubles: whole up to 2^53, or 9,007,199 dollars.
"""

from __future__ import annotations

COMMON = """
local prefix = KEYS[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local function text(number) return string.format('%.0f', number) end
local function get(key, field) return tonumber(redis.call('HGET', key, field) or '0') end
local function put(key, holder, granted, spent)
  local before = math.max(get(key, 'g:' .. holder), get(key, 's:' .. holder))
  local taken = get(key, 'taken') - before + math.max(granted, spent)
  local sum = get(key, 'spent') - get(key, 's:' .. holder) + spent
  redis.call('HSET', key, 'g:' .. holder, text(granted), 's:' .. holder, text(spent),
    'taken', text(taken), 'spent', text(sum))
  return taken, sum
end
"""

EXCHANGE = (
    COMMON
    + """
local holder, live, wanting, joined = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local lost = joined and not redis.call('ZSCORE', prefix .. 'holders', holder)
if lost then redis.call('SET', prefix .. 'quiet', '1', 'PX', ARGV[5]) end
redis.call('ZADD', prefix .. 'holders', text(now * 1000), holder)
local holders = math.max(1, redis.call('ZCOUNT', prefix .. 'holders', text((now - live) * 1000), '+inf'))
local quiet = redis.call('EXISTS', prefix .. 'quiet') == 1

local function lapse(key)
  local dead = redis.call('ZRANGEBYSCORE', prefix .. 'holders', '-inf', text((now - live) * 1000))
  for _, one in ipairs(dead) do
    if redis.call('HEXISTS', key, 'g:' .. one) == 1 then
      put(key, one, 0, 0)
      redis.call('HDEL', key, 'g:' .. one, 's:' .. one)
    end
  end
end

local answers = {}
for at = 6, #ARGV, 7 do
  local counter, expires, most = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local spent, keep, floor = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local key = prefix .. 'c:' .. counter
  if redis.call('EXISTS', key) == 0 and ARGV[at + 6] == '0' then
    table.insert(answers, {'unknown'})
  else
    if ARGV[at + 6] == '2' then lapse(key) end
    local mine = math.max(get(key, 'g:' .. holder), get(key, 's:' .. holder))
    local ceiling = most - (get(key, 'taken') - mine)
    local granted = keep
    if ceiling >= floor and not quiet then
      granted = math.max(granted, floor + math.floor((ceiling - floor) / (2 * holders)))
    end
    spent = math.max(spent, get(key, 's:' .. holder))
    local taken, sum = put(key, holder, granted, spent)
    if expires ~= '' then redis.call('PEXPIREAT', key, expires) end
    redis.call('SADD', prefix .. 'h:' .. holder, counter)
    if granted < floor then redis.call('ZADD', prefix .. 'wanted', text((now + wanting) * 1000), counter) end
    local unspent = taken - math.max(granted, spent) > sum - spent
    table.insert(answers, {text(granted), text(ceiling), unspent and '1' or '0'})
  end
end
redis.call('ZREMRANGEBYSCORE', prefix .. 'wanted', '-inf', text(now * 1000))
return {lost and '1' or '0', answers, redis.call('ZRANGE', prefix .. 'wanted', 0, -1)}
"""
)

SEED = (
    COMMON
    + """
for at = 1, #ARGV, 4 do
  local key = prefix .. 'c:' .. ARGV[at]
  redis.call('HSETNX', key, 'taken', '0')
  if ARGV[at + 1] ~= '' then redis.call('PEXPIREAT', key, ARGV[at + 1]) end
  if ARGV[at + 2] ~= '' then
    local holder = ARGV[at + 2]
    local spent = math.max(tonumber(ARGV[at + 3]), get(key, 's:' .. holder))
    put(key, holder, get(key, 'g:' .. holder), spent)
  end
end
"""
)
"""Make counters that are not there, and put down what is known to be spent of them. To say it twice does no harm."""

CLOSE = (
    COMMON
    + """
local holder, told = ARGV[1], {}
for at = 2, #ARGV, 2 do told[ARGV[at]] = tonumber(ARGV[at + 1]) end
for _, counter in ipairs(redis.call('SMEMBERS', prefix .. 'h:' .. holder)) do
  if not told[counter] then told[counter] = 0 end
end
for counter, spent in pairs(told) do
  local key = prefix .. 'c:' .. counter
  if redis.call('EXISTS', key) == 1 then
    spent = math.max(spent, get(key, 's:' .. holder))
    put(key, holder, spent, spent)
  end
end
redis.call('DEL', prefix .. 'h:' .. holder)
redis.call('ZREM', prefix .. 'holders', holder)
"""
)

SPENT = (
    COMMON
    + """
local found = {}
for _, counter in ipairs(redis.call('SMEMBERS', prefix .. 'h:' .. ARGV[1])) do
  local spent = redis.call('HGET', prefix .. 'c:' .. counter, 's:' .. ARGV[1])
  if spent then table.insert(found, counter); table.insert(found, spent) end
end
return found
"""
)

HOLDERS = """
return redis.call('ZRANGE', KEYS[1] .. 'holders', 0, -1, 'WITHSCORES')
"""
