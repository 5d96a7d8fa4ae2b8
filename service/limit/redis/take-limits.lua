-- Checks and charges the limits of all requests that one process gathered in one turn of its event loop.
--
-- KEYS     one for each holder and limit; all in one slot.
-- ARGV[1]  JSON, all times in microseconds:
--   limits    {kind, count, span, shadow} of each limit; shadow is 0 or 1
--   keys      for each key the place of its limit in limits
--   requests  for each request a flat list of {key, extra}: the place of a key, and how many more to charge in advance
--   id        names this call among those of all processes; with a request's place it names what the request holds
--   permit    how long a request counts as in flight without being renewed
--   renewed   flat list of {key, holder}: requests that are still in flight
--   ended     flat list of {key, holder}: requests that are not
--
-- Answers whole numbers: the clock's seconds and microseconds; then for each request 1 or 0, whether it was admitted,
-- and for each of its keys what is left (-1: there was no room), the time until there is more, and the extra charged.
--
-- The clock is Redis's own, so processes whose clocks differ agree; it stands still while the script runs. Each key is
-- read once and written once, however many requests of the batch concern it. The formulas are those of the cells in
-- service/limit/memory; see there.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local batch = cjson.decode(ARGV[1])
local kinds = {}

-- Lua would write a large number with an exponent.
local function whole(number)
  return string.format('%.0f', number)
end

local function expire(key, microseconds)
  redis.call('PEXPIRE', key, whole(math.ceil(microseconds / 1000)))
end

-- A list of the times of admitted requests, the oldest first.
kinds.log = {
  read = function(cell)
    local oldest = redis.call('LINDEX', cell.key, 0)
    while oldest and tonumber(oldest) <= now - cell.span do
      redis.call('LPOP', cell.key)
      oldest = redis.call('LINDEX', cell.key, 0)
    end
    cell.oldest = tonumber(oldest or now)
    cell.stored = redis.call('LLEN', cell.key)
    cell.added = 0
  end,
  left = function(cell)
    return cell.count - cell.stored - cell.added
  end,
  take = function(cell, count)
    cell.added = cell.added + count
  end,
  reset = function(cell)
    local used = cell.stored + cell.added
    if used == 0 then return 0 end
    if used <= cell.count then return cell.oldest + cell.span - now end
    local place = used - cell.count
    if place >= cell.stored then return cell.span end
    return redis.call('LINDEX', cell.key, place) + cell.span - now
  end,
  write = function(cell)
    local times = {}
    for place = 1, cell.added do
      times[#times + 1] = whole(now)
      if #times == 1000 or place == cell.added then
        redis.call('RPUSH', cell.key, unpack(times))
        times = {}
      end
    end
    expire(cell.key, cell.span)
  end,
}

-- A text: number of the window in the grid, count of the one before it, count of it.
kinds.counter = {
  read = function(cell)
    local window = math.floor(now / cell.span)
    cell.elapsed = now - window * cell.span
    cell.window, cell.previous, cell.current = window, 0, 0
    local state = redis.call('GET', cell.key)
    if not state then return end
    local last, previous, current = string.match(state, '^(%d+) (%d+) (%d+)$')
    last, previous, current = tonumber(last), tonumber(previous), tonumber(current)
    if last == window - 1 then
      cell.previous = current
    elseif last >= window then
      -- Above: the clock was set back; that must not make room.
      if last > window then cell.window, cell.elapsed = last, 0 end
      cell.previous, cell.current = previous, current
    end
  end,
  left = function(cell)
    local used = cell.previous * (cell.span - cell.elapsed) + cell.current * cell.span
    return math.floor((cell.count * cell.span - used) / cell.span)
  end,
  take = function(cell, count)
    cell.current = cell.current + count
  end,
  reset = function(cell, left)
    if cell.previous == 0 and cell.current == 0 then return 0 end
    local target = cell.count - left - 1
    if cell.current <= target then
      return math.ceil(cell.span - (target - cell.current) * cell.span / cell.previous) - cell.elapsed
    end
    return math.ceil(2 * cell.span - target * cell.span / cell.current) - cell.elapsed
  end,
  write = function(cell)
    local state = whole(cell.window) .. ' ' .. whole(cell.previous) .. ' ' .. whole(cell.current)
    redis.call('SET', cell.key, state, 'PX', whole(math.ceil(2 * cell.span / 1000)))
  end,
}

-- The time at which the bucket is full.
kinds.bucket = {
  read = function(cell)
    local full = tonumber(redis.call('GET', cell.key) or now)
    local empty = now + cell.count * cell.span
    -- A capacity that fell, or a clock that was set back, makes an empty bucket, not a debt.
    if full > empty then cell.changed = true end
    cell.full = math.min(math.max(full, now), empty)
  end,
  left = function(cell)
    return math.floor((cell.count * cell.span - (cell.full - now)) / cell.span)
  end,
  take = function(cell, count)
    cell.full = cell.full + count * cell.span
  end,
  reset = function(cell, left)
    local used = cell.full - now
    if used == 0 then return 0 end
    return used - (cell.count - left - 1) * cell.span
  end,
  write = function(cell)
    redis.call('SET', cell.key, whole(cell.full), 'PX', whole(math.ceil((cell.full - now) / 1000)))
  end,
}

-- A sorted set of the requests in flight by the time at which each lapses.
kinds.concurrency = {
  read = function(cell)
    redis.call('ZREMRANGEBYSCORE', cell.key, '-inf', whole(now))
    cell.used = redis.call('ZCARD', cell.key)
    cell.holders = {}
  end,
  left = function(cell)
    return cell.count - cell.used
  end,
  take = function(cell, count, number)
    cell.used = cell.used + count
    cell.holders[#cell.holders + 1] = batch.id .. ':' .. number
  end,
  reset = function()
    return 0
  end,
  write = function(cell)
    for _, holder in ipairs(cell.holders) do
      redis.call('ZADD', cell.key, whole(now + batch.permit), holder)
    end
    expire(cell.key, batch.permit)
  end,
}

for place = 1, #batch.ended, 2 do
  redis.call('ZREM', KEYS[batch.ended[place]], batch.ended[place + 1])
end
for place = 1, #batch.renewed, 2 do
  local key = KEYS[batch.renewed[place]]
  redis.call('ZADD', key, whole(now + batch.permit), batch.renewed[place + 1])
  expire(key, batch.permit)
end

local cells = {}

local function cellOf(place)
  local cell = cells[place]
  if cell then return cell end
  local limit = batch.limits[batch.keys[place]]
  cell = { key = KEYS[place], kind = kinds[limit[1]], count = limit[2], span = limit[3], shadow = limit[4] == 1 }
  cell.kind.read(cell)
  cells[place] = cell
  return cell
end

local answer = { tonumber(clock[1]), tonumber(clock[2]) }
local size = 2
local function say(number)
  size = size + 1
  answer[size] = number
end

for number, request in ipairs(batch.requests) do
  local admitted = true
  for place = 1, #request, 2 do
    local cell = cellOf(request[place])
    if not cell.shadow and cell.kind.left(cell) < 1 then admitted = false end
  end
  say(admitted and 1 or 0)
  for place = 1, #request, 2 do
    local cell = cellOf(request[place])
    local kind = cell.kind
    local left = kind.left(cell)
    local extra = 0
    if left < 1 then
      say(-1)
      say(kind.reset(cell, 0))
    else
      if admitted then
        extra = math.min(request[place + 1], left - 1)
        left = left - 1 - extra
        kind.take(cell, 1 + extra, number)
        cell.changed = true
      end
      say(left)
      say(kind.reset(cell, left))
    end
    say(extra)
  end
end

for _, cell in pairs(cells) do
  if cell.changed then cell.kind.write(cell) end
end

return answer
