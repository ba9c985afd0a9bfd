package dev.grain.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the server does in one step, with the keys of {@link RedisAddress#keys()}. A script that is
 * repeated because its answer was lost changes nothing more.
 */
enum Script {
  /** Group, ids: the items are done. */
  ACK(
      """
      local ended = redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))
      redis.call('XDEL', KEYS[1], unpack(ARGV, 2))
      if ended > 0 then redis.call('HINCRBY', KEYS[5], 'done', ended) end
      return ended
      """),

  /** Group, consumer, ids: starts the leases anew of those that the consumer still has. */
  EXTEND(
      """
      for i = 3, #ARGV do
        if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
          redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
        end
      end
      """),

  /**
   * Group, consumer, delay in milliseconds or -1 for the dead letters, reason, and for each item
   * its id, its first id and how many times it was delivered: moves those that the consumer still
   * has.
   */
  MOVE(
      """
      local delay = tonumber(ARGV[3])
      for i = 5, #ARGV, 3 do
        local id = ARGV[i]
        if #redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1, ARGV[2]) > 0 then
          local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
          if entry then
            local fields = {}
            for j = 1, #entry[2], 2 do
              if entry[2][j] ~= 'grain.id' and entry[2][j] ~= 'grain.count' then
                fields[#fields + 1] = entry[2][j]
                fields[#fields + 1] = entry[2][j + 1]
              end
            end
            fields[#fields + 1] = 'grain.id'
            fields[#fields + 1] = ARGV[i + 1]
            fields[#fields + 1] = 'grain.count'
            fields[#fields + 1] = ARGV[i + 2]
            if delay < 0 then
              redis.call('XADD', KEYS[2], '*', 'grain.reason', ARGV[4], unpack(fields))
            elseif delay == 0 then
              redis.call('XADD', KEYS[1], '*', unpack(fields))
            else
              local time = redis.call('TIME')
              local due = time[1] * 1000 + math.ceil(time[2] / 1000) + delay
              redis.call('ZADD', KEYS[4], due, redis.call('XADD', KEYS[3], '*', unpack(fields)))
            end
          end
          redis.call('XACK', KEYS[1], ARGV[1], id)
          redis.call('XDEL', KEYS[1], id)
        end
      end
      """),

  /**
   * The most to wake: puts items into the stream whose delay is over. Returns after how many
   * milliseconds the next is due; -1 if none waits.
   */
  WAKE(
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, ARGV[1])) do
        local entry = redis.call('XRANGE', KEYS[3], id, id)[1]
        if entry then
          redis.call('XADD', KEYS[1], '*', unpack(entry[2]))
          redis.call('XDEL', KEYS[3], id)
        end
        redis.call('ZREM', KEYS[4], id)
      end
      local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
      if not first[2] then return -1 end
      return math.max(0, tonumber(first[2]) - now)
      """),

  /**
   * Group, consumer, lease in milliseconds, cursor: takes over an item whose lease is over. Returns
   * the next cursor and, if there is one, the entry and how many times it was delivered.
   */
  TAKE_OVER(
      """
      local cursor = ARGV[4]
      for _ = 1, 100 do
        local found = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', 1, 'JUSTID')
        cursor = found[1]
        local id = found[2][1]
        if id then
          local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id)[1]
          if entry then
            return {cursor, entry, redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1][4]}
          end
          redis.call('XACK', KEYS[1], ARGV[1], id)
        end
        if cursor == '0-0' then break end
      end
      return {cursor}
      """),

  /**
   * Group, lease in milliseconds: returns how many items there are in the stream that no consumer
   * has, that one has, that wait for the end of a delay, that are done and that are dead; and how
   * many consumers there are. Nothing is returned if there is no such stream or group.
   */
  COUNT(
      """
      local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
      if groups.err then return {} end
      for _, group in ipairs(groups) do
        local is = {}
        for i = 1, #group, 2 do is[group[i]] = group[i + 1] end
        if is['name'] == ARGV[1] then
          local consumers = 0
          for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
            local has = {}
            for i = 1, #consumer, 2 do has[consumer[i]] = consumer[i + 1] end
            if has['pending'] > 0 or has['idle'] <= tonumber(ARGV[2]) then consumers = consumers + 1 end
          end
          local ready = redis.call('XLEN', KEYS[1]) - is['pending']
          if #redis.call('XRANGE', KEYS[1], '(' .. is['last-delivered-id'], '+', 'COUNT', 1) == 0 then
            ready = 0
          end
          return {
            ready, is['pending'], redis.call('ZCARD', KEYS[4]),
            tonumber(redis.call('HGET', KEYS[5], 'done') or 0), redis.call('XLEN', KEYS[2]), consumers
          }
        end
      end
      return {}
      """),

  /** The most: moves dead letters back, as new items; returns how many. */
  REQUEUE(
      """
      local entries = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[1])
      for _, entry in ipairs(entries) do
        local fields = {}
        for j = 1, #entry[2], 2 do
          if entry[2][j] ~= 'grain.reason' and entry[2][j] ~= 'grain.count' then
            fields[#fields + 1] = entry[2][j]
            fields[#fields + 1] = entry[2][j + 1]
          end
        end
        redis.call('XADD', KEYS[1], '*', unpack(fields))
        redis.call('XDEL', KEYS[2], entry[1])
      end
      return #entries
      """),

  /**
   * Group, consumer, idle time in milliseconds: forgets the consumer if it has nothing, and others
   * that have nothing and gave no sign of life for the time.
   */
  FORGET(
      """
      local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
      if consumers.err then return end
      for _, consumer in ipairs(consumers) do
        local has = {}
        for i = 1, #consumer, 2 do has[consumer[i]] = consumer[i + 1] end
        if has['pending'] == 0 and (has['name'] == ARGV[2] or has['idle'] > tonumber(ARGV[3])) then
          redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], has['name'])
        end
      end
      """);

  private final String source;
  private final String digest;

  Script(String source) {
    this.source = source;
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(source.getBytes(US_ASCII));
      this.digest = HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  String source() {
    return source;
  }

  /** Returns what the server calls it. */
  String digest() {
    return digest;
  }
}
