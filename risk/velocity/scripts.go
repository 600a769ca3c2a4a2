package velocity

import "github.com/redis/go-redis/v9"

// Each script touches one key, so that they run on a Redis Cluster. All take
//
//	KEYS[1] the list   ARGV[1] the record   ARGV[2] time to live, ms
//	ARGV[3] trigger    ARGV[4] cap          ARGV[5] most   ARGV[6] cutoff   (see limits)
//
// Times are compared as numbers: Lua compares strings by the server's locale.

// cutLua is limits.cut and limits.due in Lua, to the byte.
const cutLua = `
local function ms(s, p)
  local a, b, c, d, e, f = string.byte(s, p + 4, p + 9)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f
end
local function size_at(s, p)
  local size, kind = string.byte(s, p, p + 1)
  if size < 18 or p + size - 1 > #s then return nil end
  return size, kind
end
local function due(s)
  if #s > tonumber(ARGV[3]) then return true end
  local p = 1
  if #s >= 36 and string.byte(s, 2) == 255 then p = 19 end
  return #s - p >= 17 and ms(s, p) < tonumber(ARGV[6])
end
local function cut(s)
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
  local cap, most, cutoff = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
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

// observeScript appends the attempt and answers the whole list, the attempt included.
func observeScript() *redis.Script {
	return redis.NewScript(cutLua + `
local n = redis.call('APPEND', KEYS[1], ARGV[1])
if n == #ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return ARGV[1]
end
local s = redis.call('GET', KEYS[1])
if due(s) then
  s = cut(s)
  redis.call('SET', KEYS[1], s)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return s
`)
}

// appendScript appends an event and reads the list only when it is to be shortened.
func appendScript() *redis.Script {
	return redis.NewScript(cutLua + `
local n = redis.call('APPEND', KEYS[1], ARGV[1])
if n > tonumber(ARGV[3]) then
  redis.call('SET', KEYS[1], cut(redis.call('GET', KEYS[1])))
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 0
`)
}

// mergeScript puts an event of the past in its place by time, unless it is there already or was cut before. It only
// ever lengthens the key's life.
func mergeScript() *redis.Script {
	return redis.NewScript(cutLua + `
local s = redis.call('GET', KEYS[1]) or ''
if string.find(s, ARGV[1], 1, true) then return 0 end
local at, p = ms(ARGV[1], 1), 1
if #s >= 18 and string.byte(s, 2) == 255 then
  if at <= ms(s, 1) then return 0 end
  p = 19
end
while p <= #s do
  local size = size_at(s, p)
  if not size then s = string.sub(s, 1, p - 1) break end
  if ms(s, p) > at then break end
  p = p + size
end
local left = redis.call('PTTL', KEYS[1])
s = string.sub(s, 1, p - 1) .. ARGV[1] .. string.sub(s, p)
if #s > tonumber(ARGV[3]) then s = cut(s) end
redis.call('SET', KEYS[1], s)
redis.call('PEXPIRE', KEYS[1], math.max(left, tonumber(ARGV[2])))
return 1
`)
}
