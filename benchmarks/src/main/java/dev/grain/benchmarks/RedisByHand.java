package dev.grain.benchmarks;

import dev.grain.minion.QueueAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntry;

/** Reads a hundred entries of a stream at a time, and acknowledges each when it is processed. */
final class RedisByHand {
  private static final int BATCH = 100;
  private static final int PATIENCE_MILLIS = 1000;

  private RedisByHand() {}

  static void work(QueueAddress address, ByHand.Each each) throws Exception {
    URI server = URI.create(address.toString());
    String key = server.getPath().substring(1);
    XReadGroupParams parameters =
        XReadGroupParams.xReadGroupParams().count(BATCH).block(PATIENCE_MILLIS);
    try (RedisClient client =
        RedisClient.builder().hostAndPort(server.getHost(), server.getPort()).build()) {
      while (true) {
        List<Map.Entry<String, List<StreamEntry>>> read =
            client.xreadGroup(
                "grain",
                "by-hand",
                parameters,
                Map.of(key, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
        if (read == null) {
          continue;
        }
        for (StreamEntry entry : read.getFirst().getValue()) {
          each.process(entry.getFields().values().iterator().next());
          client.xack(key, "grain", entry.getID());
          client.xdel(key, entry.getID());
        }
      }
    }
  }
}
