package velocity

import "github.com/redis/go-redis/v9"

// Each script serves the lists of one record: all of them at once where one server holds them, one list at a call on a
// Redis Cluster, whose scripts may only touch keys of one node. All take
//
//	KEYS     the lists   ARGV[1] the record   ARGV[2] time to live, ms   ARGV[3] cutoff   (see limits)
//	and for the n-th list   ARGV[3n+1] trigger   ARGV[3n+2] cap   ARGV[3n+3] most
//
// Times are compared as numbers: Lua compares strings by the server's locale. A short list is written anew, which
// costs one command less than APPEND with its PEXPIRE, and no spare memory: APPEND reserves twice what it needs.

// shortList is the length in bytes up to which a list is written anew.
const shortList = "1024"

// cutLua is limits.cut and limits.due in Lua, to the byte.
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
local function due(s, n)
  if #s > tonumber(ARGV[3 * n + 1]) then return true end
  local p = 1
  if #s >= 36 and string.byte(s, 2) == 255 then p = 19 end
  return #s - p >= 17 and ms(s, p) < tonumber(ARGV[3])
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
  local cap, most, cutoff = tonumber(ARGV[3 * n + 2]), tonumber(ARGV[3 * n + 3]), tonumber(ARGV[3])
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

// observeScript appends the attempt and answers each list whole, the attempt included.
func observeScript() *redis.Script {
	return redis.NewScript(cutLua + `
local out = {}
for n, key in ipairs(KEYS) do
  local s = (call('GET', key) or '') .. ARGV[1]
  local shorter = #s > #ARGV[1] and due(s, n)
  if shorter then s = cut(s, n) end
  if shorter or #s <= ` + shortList + ` then
    call('SET', key, s, 'PX', ARGV[2])
  else
    call('APPEND', key, ARGV[1])
    call('PEXPIRE', key, ARGV[2])
  end
  out[n] = s
end
return out
`)
}

// appendScript appends an event and reads a long list only when it is to be shortened.
func appendScript() *redis.Script {
	return redis.NewScript(cutLua + `
for n, key in ipairs(KEYS) do
  local size = call('STRLEN', key) + #ARGV[1]
  local shorter = size > tonumber(ARGV[3 * n + 1])
  if shorter or size <= ` + shortList + ` then
    local s = (call('GET', key) or '') .. ARGV[1]
    if shorter then s = cut(s, n) end
    call('SET', key, s, 'PX', ARGV[2])
  else
    call('APPEND', key, ARGV[1])
    call('PEXPIRE', key, ARGV[2])
  end
end
return {}
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
  if #s > tonumber(ARGV[3 * n + 1]) then s = cut(s, n) end
  local left = call('PTTL', key)
  call('SET', key, s, 'PX', math.max(left, tonumber(ARGV[2])))
end
for n, key in ipairs(KEYS) do merge(key, n) end
return {}
`)
}
