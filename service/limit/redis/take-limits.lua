-- Checks and charges the limits of all requests that one process gathered in one turn of its event loop.
--
-- KEYS     one for each holder and limit; all in one slot.
-- ARGV[1]  JSON, all times in microseconds:
--   limits    {kind, count, span, shadow} of each limit; shadow is 0 or 1; of amounts also the number of slots in the
--             window and how long what is reserved counts without being settled
--   keys      for each key the place of its limit in limits
--   requests  for each request a flat list of {key, extra}: the place of a key, and how many more to charge in advance;
--             of amounts how much to reserve
--   id        names this call among those of all processes; with a request's place it names what the request holds
--   permit    how long a request counts as in flight without being renewed
--   renewed   flat list of {key, holder}: requests that are still in flight
--   ended     flat list of {key, holder}: requests that are not
--   settled   flat list of {key, holder, used}: what was used in the place of what they reserved
--
-- Answers whole numbers: the clock's seconds and microseconds; then for each request 1 or 0, whether it was admitted,
-- and for each of its keys what is left (-1 less what is left: there was no room for what was asked), the time until
-- there is more, or room, and the extra charged.
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

-- A hash of amounts by slot; beside it, of what is reserved, a sorted set of the holders by the time at which each
-- lapses, and a hash of their slots and amounts. Their keys differ from KEYS by their end, so all are in one slot.
local function month(time)
  -- Days since March of the year 0, by eras of 400 years (Hinnant, chrono-compatible low-level date algorithms, 2013).
  local days = math.floor(time / 86400000000) + 719468
  local era = math.floor(days / 146097)
  local day = days - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  local ofYear = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local sinceMarch = math.floor((5 * ofYear + 2) / 153)
  return (era * 400 + year) * 12 + sinceMarch + 2
end

local function monthStart(number)
  local year, ofYear = math.floor(number / 12), number % 12
  -- January and February belong to the year before, which begins in March.
  if ofYear < 2 then year = year - 1 end
  local sinceMarch = (ofYear + 10) % 12
  local era = math.floor(year / 400)
  local inEra = year - era * 400
  local day = inEra * 365 + math.floor(inEra / 4) - math.floor(inEra / 100) + math.floor((153 * sinceMarch + 2) / 5)
  return (era * 146097 + day - 719468) * 86400000000
end

local function slots(limit)
  if limit.kindName == 'month' then
    local current = month(now)
    return { current = current, first = current, lifetime = 62 * 86400000000,
      leaves = function(slot) return monthStart(slot + 1) end }
  end
  local width = math.max(1, math.ceil(limit.span / limit.slots))
  local current = math.floor(now / width)
  return { current = current, first = current - limit.slots, lifetime = (limit.slots + 2) * width,
    leaves = function(slot) return (slot + limit.slots + 1) * width end }
end

local function heldKey(key) return key .. ':held' end
local function reservedKey(key) return key .. ':reserved' end

-- Puts what was used in the place of what a holder reserved, once; nothing where that has lapsed.
local function settle(limit, key, holder, used)
  local reserved = redis.call('HGET', reservedKey(key), holder)
  if not reserved then return end
  if tonumber(redis.call('ZSCORE', heldKey(key), holder) or 0) <= now then used = 0 end
  redis.call('HDEL', reservedKey(key), holder)
  redis.call('ZREM', heldKey(key), holder)
  local slot, amount = string.match(reserved, '^(%d+) (%d+)$')
  local counted = slots(limit)
  local more = used - tonumber(amount)
  if tonumber(slot) < counted.first then
    if more <= 0 then return end
    slot = whole(counted.current)
  end
  redis.call('HINCRBY', key, slot, whole(more))
  expire(key, counted.lifetime)
end

local amounts = {
  read = function(cell)
    for _, holder in ipairs(redis.call('ZRANGEBYSCORE', heldKey(cell.key), '-inf', whole(now))) do
      settle(cell, cell.key, holder, 0)
    end
    cell.time = slots(cell)
    cell.sums, cell.used, cell.added, cell.reservations = {}, 0, 0, {}
    local stored = redis.call('HGETALL', cell.key)
    for place = 1, #stored, 2 do
      local slot, amount = tonumber(stored[place]), tonumber(stored[place + 1])
      if slot < cell.time.first then
        redis.call('HDEL', cell.key, stored[place])
      else
        cell.sums[#cell.sums + 1] = { slot = slot, amount = amount }
        cell.used = cell.used + amount
      end
    end
  end,
  left = function(cell)
    return math.max(0, cell.count - cell.used)
  end,
  take = function(cell, amount, number)
    cell.used = cell.used + amount
    cell.added = cell.added + amount
    cell.reservations[#cell.reservations + 1] = { holder = batch.id .. ':' .. number, amount = amount }
  end,
  -- Until so much is left.
  reset = function(cell, wanted)
    local sums = { { slot = cell.time.current, amount = cell.added } }
    for _, sum in ipairs(cell.sums) do sums[#sums + 1] = sum end
    table.sort(sums, function(a, b) return a.slot < b.slot end)
    local free = cell.count - cell.used
    for _, sum in ipairs(sums) do
      free = free + sum.amount
      if free >= wanted then return math.max(0, cell.time.leaves(sum.slot) - now) end
    end
    return 0
  end,
  write = function(cell)
    local slot = whole(cell.time.current)
    redis.call('HINCRBY', cell.key, slot, whole(cell.added))
    expire(cell.key, cell.time.lifetime)
    for _, reservation in ipairs(cell.reservations) do
      redis.call('ZADD', heldKey(cell.key), whole(now + cell.lapse), reservation.holder)
      redis.call('HSET', reservedKey(cell.key), reservation.holder, slot .. ' ' .. whole(reservation.amount))
    end
    -- Longer than the reservations: what lapses is settled by whoever reads.
    expire(heldKey(cell.key), cell.time.lifetime + cell.lapse)
    expire(reservedKey(cell.key), cell.time.lifetime + cell.lapse)
  end,
}
kinds.sum = amounts
kinds.month = amounts

local function limitOf(place)
  local limit = batch.limits[batch.keys[place]]
  return { key = KEYS[place], kind = kinds[limit[1]], kindName = limit[1], count = limit[2], span = limit[3],
    shadow = limit[4] == 1, slots = limit[5], lapse = limit[6] }
end

for place = 1, #batch.settled, 3 do
  local key = batch.settled[place]
  settle(limitOf(key), KEYS[key], batch.settled[place + 1], batch.settled[place + 2])
end
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
  cell = limitOf(place)
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

local function wanted(cell, extra)
  return cell.kind == amounts and extra or 1
end

for number, request in ipairs(batch.requests) do
  local admitted = true
  for place = 1, #request, 2 do
    local cell = cellOf(request[place])
    if not cell.shadow and cell.kind.left(cell) < wanted(cell, request[place + 1]) then admitted = false end
  end
  say(admitted and 1 or 0)
  for place = 1, #request, 2 do
    local cell = cellOf(request[place])
    local kind = cell.kind
    local left = kind.left(cell)
    local extra = 0
    if kind == amounts then
      local amount = request[place + 1]
      if left < amount then
        say(-1 - left)
        say(kind.reset(cell, amount))
      else
        if admitted then
          kind.take(cell, amount, number)
          left = left - amount
          cell.changed = true
        end
        say(left)
        say(kind.reset(cell, left + 1))
      end
    elseif left < 1 then
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
