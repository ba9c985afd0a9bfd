package dev.grain.code.bundle;

import dev.grain.code.bundle.BundleStore.Fetcher;
import java.util.List;
import java.util.function.Predicate;

/**
 * What of a bundle is asked for before its turn, so that it comes while that before it is checked
 * and written. For one thread.
 */
final class Prefetch {
  /**
   * How many bytes may be on their way, or wait for their turn, beside the one whose turn it is.
   */
  private static final long MOST = 8 << 20;

  private final List<Listing.Entry> entries;
  private final Predicate<Listing.Entry> isMissing;
  private final Fetcher fetcher;
  private int next;
  private long bytes;

  /**
   * Makes one that has asked for nothing.
   *
   * @param entries in the order of their turns
   * @param isMissing whether an entry has to be fetched
   */
  Prefetch(List<Listing.Entry> entries, Predicate<Listing.Entry> isMissing, Fetcher fetcher) {
    this.entries = entries;
    this.isMissing = isMissing;
    this.fetcher = fetcher;
  }

  /** Asks for more, as the turn of an entry comes, one after another. */
  void onTurn(int index) {
    long turn = entries.get(index).size();
    bytes = next > index ? bytes - turn : 0;
    next = Math.max(next, index + 1);
    while (next < entries.size() && bytes + entries.get(next).size() <= MOST) {
      Listing.Entry entry = entries.get(next++);
      bytes += entry.size();
      if (isMissing.test(entry)) {
        fetcher.expect(entry.hash());
      }
    }
  }
}
