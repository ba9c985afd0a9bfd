package dev.grain.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody meant who wrote a word that is not known. */
public final class Spelling {
  private static final int NEAR = 2;

  /** The most letters of an option such as {@code -h}, to which every other one is near. */
  private static final int SHORT_OPTION = 2;

  private Spelling() {}

  /**
   * Returns the known word that was probably meant: the first that starts with the written one,
   * else the nearest within two letters to insert, remove or replace; upper and lower case are the
   * same. Null if none is near.
   */
  public static @Nullable String nearest(String written, Collection<String> known) {
    String lower = written.toLowerCase(Locale.ROOT);
    String best = null;
    int least = NEAR + 1;
    for (String word : known) {
      String candidate = word.toLowerCase(Locale.ROOT);
      int distance = candidate.startsWith(lower) ? 0 : distance(lower, candidate);
      if (distance < least) {
        best = word;
        least = distance;
      }
    }
    return best;
  }

  /**
   * Returns the known option that was probably meant, as {@link #nearest} does, but no option of a
   * single letter; what is written may have a value behind a sign {@code =}.
   */
  public static @Nullable String nearestOption(String written, Collection<String> known) {
    int value = written.indexOf('=');
    return nearest(
        value < 0 ? written : written.substring(0, value),
        known.stream().filter(option -> option.length() > SHORT_OPTION).toList());
  }

  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
