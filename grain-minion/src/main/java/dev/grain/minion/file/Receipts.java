package dev.grain.minion.file;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What a minion has noted of single items: {@code d 3 7} that it has begun with item 7 of its claim
 * 3, {@code a 3 7} that the item is done, {@code x 3 7} that it is among the dead letters, and
 * {@code b} that the minion lives.
 */
final class Receipts {
  /** The items of a claim. */
  static final class Of {
    final BitSet delivered = new BitSet();
    final BitSet acked = new BitSet();
    final BitSet dead = new BitSet();
  }

  private final Map<Integer, Of> byClaim = new HashMap<>();

  /** Reads all of a file; its last line may be cut. */
  static Receipts parse(byte[] bytes) {
    Receipts receipts = new Receipts();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (i - start > 1) {
          receipts.onLine(new String(bytes, start, i - start, StandardCharsets.US_ASCII));
        }
        start = i + 1;
      }
    }
    return receipts;
  }

  private void onLine(String line) {
    int blank = line.lastIndexOf(' ');
    try {
      Of claim = byClaim.computeIfAbsent(Integer.valueOf(line.substring(2, blank)), _ -> new Of());
      int item = Integer.parseInt(line.substring(blank + 1));
      switch (line.charAt(0)) {
        case 'd' -> claim.delivered.set(item);
        case 'a' -> claim.acked.set(item);
        case 'x' -> claim.dead.set(item);
        default -> {
          // of a later release
        }
      }
    } catch (RuntimeException e) {
      // damaged by a crash of the machine; the item is delivered once more
    }
  }

  /** Returns those of a claim. */
  Of of(int claim) {
    return byClaim.getOrDefault(claim, new Of());
  }
}
