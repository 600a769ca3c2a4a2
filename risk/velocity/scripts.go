package velocity

import "github.com/redis/go-redis/v9"

// Most orders need no script: APPEND, and GETEX or PEXPIRE, say it all. Scripts are for the one order in cutEvery that
// shortens its lists, and for what must be put in the middle of one. A script serves the lists of one record, all of
// them at once where one server holds them, one list at a call on a Redis Cluster. All take
//
//	KEYS     the lists   ARGV[1] the record   ARGV[2] time to live, ms   ARGV[3] cutoff   ARGV[4] 1 when due
//	and for the n-th list   ARGV[2n+3] cap   ARGV[2n+4] most             (see limits)
//
// Times are compared as numbers: Lua compares strings by the server's locale.

// cutLua is limits.cut in Lua, to the byte.
const cutLua = `
local call = redis.call
local function ms(s, p)
  local a, b, c, d, e, f = string.byte(s, p + 4, p + 9)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f
end
local function size_at(s, p)
  local size, kind = string.byte(s, p, p + 1)
  if size < 18 or p + size - 1 > #s then return nil end
  return size, kind
end
local function cut(s, n)
  local attempts, of, p = 0, {}, 1
  while p <= #s do
    local size, kind = size_at(s, p)
    if not size then s = string.sub(s, 1, p - 1) break end
    if kind == 0 then
      local id = string.sub(s, p + 10, p + 17)
      if not of[id] then attempts = attempts + 1 end
      of[id] = (of[id] or 0) + 1
    end
    p = p + size
  end
  local latest, latest_bytes = 0, string.rep('\0', 6)
  local first, first_bytes = math.huge, '\127' .. string.rep('\255', 7)
  p = 1
  if #s > 0 and string.byte(s, 2) == 255 then
    latest, latest_bytes = ms(s, 1), string.sub(s, 5, 10)
    if string.byte(s, 11) ~= 127 then first, first_bytes = ms(s, 9), string.sub(s, 11, 18) end
    p = 19
  end
  local start = p
  local cap, most, cutoff = tonumber(ARGV[2 * n + 3]), tonumber(ARGV[2 * n + 4]), tonumber(ARGV[3])
  while p <= #s do
    local size, kind = string.byte(s, p, p + 1)
    local at = ms(s, p)
    if attempts <= cap and #s - p + 1 <= most and at >= cutoff then break end
    if at > latest then latest, latest_bytes = at, string.sub(s, p + 4, p + 9) end
    if kind == 0 then
      local id = string.sub(s, p + 10, p + 17)
      of[id] = of[id] - 1
      if of[id] == 0 then attempts = attempts - 1 end
      if at < first then first, first_bytes = at, '\0\0' .. string.sub(s, p + 4, p + 9) end
    end
    p = p + size
  end
  if p == start then return s end
  return '\18\255\0\0' .. latest_bytes .. first_bytes .. string.sub(s, p)
end
`

// cutScript appends the event, shortens each list, and answers them.
func cutScript() *redis.Script {
	return redis.NewScript(cutLua + `
local out = {}
for n, key in ipairs(KEYS) do
  out[n] = cut((call('GET', key) or '') .. ARGV[1], n)
  call('SET', key, out[n], 'PX', ARGV[2])
end
return out
`)
}

// mergeScript puts an event of the past in its place by time, unless it is there already or was cut before. It only
// ever lengthens a key's life.
func mergeScript() *redis.Script {
	return redis.NewScript(cutLua + `
local at = ms(ARGV[1], 1)
local function merge(key, n)
  local s = call('GET', key) or ''
  if string.find(s, ARGV[1], 1, true) then return end
  local p = 1
  if #s >= 18 and string.byte(s, 2) == 255 then
    if at <= ms(s, 1) then return end
    p = 19
  end
  while p <= #s do
    local size = size_at(s, p)
    if not size then s = string.sub(s, 1, p - 1) break end
    if ms(s, p) > at then break end
    p = p + size
  end
  s = string.sub(s, 1, p - 1) .. ARGV[1] .. string.sub(s, p)
  if ARGV[4] == '1' then s = cut(s, n) end
  local left = call('PTTL', key)
  call('SET', key, s, 'PX', math.max(left, tonumber(ARGV[2])))
end
for n, key in ipairs(KEYS) do merge(key, n) end
return {}
`)
}

// raiseScript lifts counts of one hash to at least what is given: ARGV[1] is the time to live, ms; then field and count.
func raiseScript() *redis.Script {
	return redis.NewScript(`
for i = 2, #ARGV, 2 do
  if (tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') or 0) < tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
`)
}
