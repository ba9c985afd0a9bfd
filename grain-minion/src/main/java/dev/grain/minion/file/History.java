package dev.grain.minion.file;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the log of a minion says about its claims, as far as it was read. Each line is written
 * before, or after, what it is about:
 *
 * <pre>
 * c 3 STRETCH MARKER     is about to claim items by renaming the marker
 * g 3 | l 3              has done so, or another one was faster
 * a 4 MINION LENGTH STRETCH...  has taken over items of a minion whose log it has taken, of that length
 * o 4 MINION LENGTH STRETCH...  the same, of what was added to the log after it was taken over
 * p 5 3 4:0-2,7 ...      is about to publish a segment of 3 items, which are those of its claim 4
 * q 5                    has done so
 * f 4 100 2              claim 4 is over: 100 items are done, 2 are dead, the others were published
 * e                      has left
 * </pre>
 */
final class History {
  /** Some items that the minion has, or had. */
  static final class Claim {
    final List<Stretch> stretches;
    // the marker that is to be renamed; null for an adoption
    final @Nullable Marker marker;
    // the minion whose log had to be taken for this to count; null for none
    final @Nullable String from;
    boolean got;
    boolean lost;
    boolean finished;
    long acked;

    Claim(List<Stretch> stretches, @Nullable Marker marker, @Nullable String from) {
      this.stretches = List.copyOf(stretches);
      this.marker = marker;
      this.from = from;
    }

    int size() {
      return stretches.stream().mapToInt(Stretch::size).sum();
    }

    /** Returns whether it is not known whether the marker was renamed. */
    boolean isUncertain() {
      return marker != null && !got && !lost;
    }

    boolean isOpen() {
      return !lost && !finished;
    }
  }

  /** A segment that the minion publishes. */
  static final class Publication {
    final int count;
    final SequencedMap<Integer, BitSet> moved;
    boolean done;

    Publication(int count, SequencedMap<Integer, BitSet> moved) {
      this.count = count;
      this.moved = moved;
    }
  }

  private final SequencedMap<Integer, Claim> claims = new LinkedHashMap<>();
  private final SequencedMap<Integer, Publication> publications = new LinkedHashMap<>();
  // the minions whose items it has taken over, and how much it has read of their logs
  private final SequencedMap<String, Long> adopted = new LinkedHashMap<>();
  private final SequencedMap<String, Long> adoptedLate = new LinkedHashMap<>();
  // what made the markers that it has tried to claim
  private final Set<String> origins = new HashSet<>();
  private byte[] rest = {};
  private long length;
  private boolean ended;

  /** Reads on. */
  void feed(byte[] bytes) {
    byte[] all = Arrays.copyOf(rest, rest.length + bytes.length);
    System.arraycopy(bytes, 0, all, rest.length, bytes.length);
    int start = 0;
    for (int i = rest.length; i < all.length; i++) {
      if (all[i] == '\n') {
        onLine(new String(all, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    rest = Arrays.copyOfRange(all, start, all.length);
    length += bytes.length;
  }

  private void onLine(String line) {
    String[] words = line.split(" ", -1);
    try {
      switch (words[0]) {
        case "c" -> onClaim(number(words), words);
        case "g" -> claim(number(words)).got = true;
        case "l" -> claim(number(words)).lost = true;
        case "a", "o" -> onAdoption(number(words), words, words[0].equals("o"));
        case "p" -> onPublication(number(words), words);
        case "q" -> {
          Publication publication = publications.get(number(words));
          if (publication != null) {
            publication.done = true;
          }
        }
        case "f" -> onFinished(claim(number(words)), words);
        case "e" -> ended = true;
        default -> {
          // written by a later release, or damaged by a crash of the machine
        }
      }
    } catch (RuntimeException e) {
      // damaged; lines that matter were on the disk before anything depended on them
    }
  }

  private static int number(String[] words) {
    return Integer.parseInt(words[1]);
  }

  private Claim claim(int number) {
    Claim claim = claims.get(number);
    if (claim == null) {
      throw new IllegalArgumentException("claim " + number);
    }
    return claim;
  }

  private void onClaim(int number, String[] words) {
    Stretch stretch = Stretch.parse(words[2]);
    Marker marker = Marker.parse(words[3]);
    if (stretch != null && marker != null) {
      claims.put(number, new Claim(List.of(stretch), marker, null));
      origins.add(marker.origin());
    }
  }

  private void onAdoption(int number, String[] words, boolean late) {
    List<Stretch> stretches = new ArrayList<>();
    for (String word : Arrays.asList(words).subList(4, words.length)) {
      Stretch stretch = Stretch.parse(word);
      if (stretch == null) {
        return;
      }
      stretches.add(stretch);
    }
    (late ? adoptedLate : adopted).merge(words[2], Long.valueOf(words[3]), Math::max);
    Claim claim = new Claim(stretches, null, late ? null : words[2]);
    claim.got = true;
    claims.put(number, claim);
  }

  private void onPublication(int number, String[] words) {
    SequencedMap<Integer, BitSet> moved = new LinkedHashMap<>();
    for (String word : Arrays.asList(words).subList(3, words.length)) {
      int colon = word.indexOf(':');
      moved.put(
          Integer.valueOf(word.substring(0, colon)), Ordinals.parse(word.substring(colon + 1)));
    }
    publications.put(number, new Publication(Integer.parseInt(words[2]), moved));
  }

  private static void onFinished(Claim claim, String[] words) {
    long acked = Long.parseLong(words[2]);
    // how many are dead tells nobody anything, but a line without it was cut
    var _ = Long.parseLong(words[3]);
    claim.acked = acked;
    claim.finished = true;
  }

  SequencedMap<Integer, Claim> claims() {
    return claims;
  }

  SequencedMap<Integer, Publication> publications() {
    return publications;
  }

  /**
   * Returns how much of the log of a minion was read when its items were taken over; -1 if that was
   * not done.
   *
   * @param taken whether the log is taken by this minion; else only what was added later counts
   */
  long adoptedLength(String minion, boolean taken) {
    long late = adoptedLate.getOrDefault(minion, -1L);
    return taken ? Math.max(late, adopted.getOrDefault(minion, -1L)) : late;
  }

  /** Returns whether it has tried to claim from the marker that this has made. */
  boolean refersTo(String origin) {
    return origins.contains(origin);
  }

  /** Returns how many bytes were read. */
  long length() {
    return length;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Returns whether it has anything that is not over. */
  boolean isBusy() {
    return claims.values().stream().anyMatch(Claim::isOpen)
        || publications.values().stream().anyMatch(publication -> !publication.done);
  }
}
