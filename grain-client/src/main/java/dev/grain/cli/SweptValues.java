package dev.grain.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values of a name, of which all are tried: {@code lr=0.01,0.02}, {@code epochs=5..20:5}, or a
 * geometric progression, {@code a=geom(1,100,3)}; with {@code igeom}, of whole numbers.
 */
public record SweptValues(String name, KnownValues values) {
  /** What a command says about the values. */
  public static final String FORMS =
      "V,... may be a range A..B, or geom(MIN,MAX,N) or igeom(MIN,MAX,N), a geometric progression.";

  private static final Pattern NAMED = Pattern.compile("([A-Za-z][\\w.-]*)=(.*)", Pattern.DOTALL);
  private static final Pattern GEOM =
      Pattern.compile("(i?geom)\\(\\s*([^,]+),\\s*([^,]+),\\s*([0-9]{1,6})\\s*\\)");

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if they are wrong; the message is a sentence
   */
  public static SweptValues parse(String text) {
    Matcher matcher = NAMED.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          ("--sweep: '%s' is not NAME=VALUE,..., such as lr=0.01,0.02 or epochs=5..20; a name starts"
                  + " with a letter and has letters, digits, '_', '-' and '.'.")
              .formatted(text));
    }
    String values = matcher.group(2);
    WholeNumbers range = WholeNumbers.parse(values);
    if (range != null) {
      return new SweptValues(matcher.group(1), range);
    }
    Matcher geom = GEOM.matcher(values);
    List<String> listed = geom.matches() ? geom(text, geom) : Arrays.asList(values.split(",", -1));
    return new SweptValues(matcher.group(1), new KnownValues.Listed(listed));
  }

  /** A geometric progression, with exact ends. */
  private static List<String> geom(String text, Matcher geom) {
    double min;
    double max;
    try {
      min = Double.parseDouble(geom.group(2));
      max = Double.parseDouble(geom.group(3));
    } catch (NumberFormatException e) {
      min = max = 0;
    }
    if (!(min > 0) || !(max >= min) || Double.isInfinite(max)) {
      throw new IllegalArgumentException(
          "--sweep: %s needs two numbers above 0, the smaller one first.".formatted(text));
    }
    int count = Integer.parseInt(geom.group(4));
    boolean whole = geom.group(1).startsWith("i");
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double value =
          i == 0 ? min : i == count - 1 ? max : min * Math.pow(max / min, (double) i / (count - 1));
      String number = whole ? Long.toString(Math.round(value)) : Double.toString(value);
      // rounded ones that are equal follow each other
      if (!whole || all.isEmpty() || !all.getLast().equals(number)) {
        all.add(number);
      }
    }
    return all;
  }
}
