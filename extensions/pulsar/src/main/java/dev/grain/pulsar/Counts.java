package dev.grain.pulsar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.pulsar.client.api.MessageIdAdv;

/**
 * How many times each message was delivered. A byte for each, as there may be a million. For one
 * thread.
 */
final class Counts {
  private static final int LEAST = 1024;

  // all only accessed by the thread of the queue
  private final Map<Long, byte[]> byLedger = new HashMap<>();
  private final Map<MessageKey, Integer> inBatches = new HashMap<>();

  /** Which message it is; ledgers of a cluster have different numbers. */
  record MessageKey(long ledger, long entry, int batchIndex) {
    static MessageKey of(MessageIdAdv id) {
      return new MessageKey(id.getLedgerId(), id.getEntryId(), Math.max(0, id.getBatchIndex()));
    }

    Position position() {
      return new Position(ledger, entry);
    }
  }

  int of(MessageKey key) {
    if (key.batchIndex() > 0) {
      return inBatches.getOrDefault(key, 0);
    }
    byte[] entries = byLedger.get(key.ledger());
    return entries == null || key.entry() >= entries.length ? 0 : entries[(int) key.entry()];
  }

  /** Adds a delivery, or takes one back. */
  void add(MessageKey key, int deliveries) {
    int count = Math.clamp((long) of(key) + deliveries, 0, Byte.MAX_VALUE);
    if (key.batchIndex() > 0) {
      inBatches.put(key, count);
      return;
    }
    int entry = Math.toIntExact(key.entry());
    byte[] entries = byLedger.computeIfAbsent(key.ledger(), _ -> new byte[LEAST]);
    if (entry >= entries.length) {
      entries = Arrays.copyOf(entries, Math.max(entry + 1, entries.length * 2));
      byLedger.put(key.ledger(), entries);
    }
    entries[entry] = (byte) count;
  }

  /** Forgets what is before a ledger. */
  void forget(long ledger) {
    byLedger.keySet().removeIf(each -> each < ledger);
    inBatches.keySet().removeIf(each -> each.ledger() < ledger);
  }
}
