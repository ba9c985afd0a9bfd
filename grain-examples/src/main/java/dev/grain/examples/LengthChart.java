package dev.grain.examples;

import java.util.Locale;
import java.util.Map;

/**
 * Two histograms back to back: how many methods there are of each length, and how much of the
 * bytecode they hold. Lengths double from one bar to the next.
 */
final class LengthChart {
  private static final int WIDTH = 1080;
  private static final int HEIGHT = 250;
  private static final int LEFT = 128;
  private static final int LABEL = 24;
  private static final int AXIS = 30;

  private final Markup page;
  // how many methods are at least 1, 2, 4, ... bytes long, and shorter than twice that
  private final long[] methods = new long[16];
  private final long[] bytes = new long[16];

  private LengthChart(Survey survey, Markup page) {
    this.page = page;
    for (Map.Entry<Integer, Integer> entry : survey.lengths().entrySet()) {
      int bucket = 31 - Integer.numberOfLeadingZeros(entry.getKey());
      methods[bucket] += entry.getValue();
      bytes[bucket] += (long) entry.getKey() * entry.getValue();
    }
  }

  /** Draws the chart. */
  static void draw(Survey survey, Markup page) {
    new LengthChart(survey, page).draw(survey);
  }

  private void draw(Survey survey) {
    int last = 15;
    while (last > 0 && methods[last] == 0) {
      last--;
    }
    double most = 0;
    double heaviest = 0;
    for (int i = 0; i <= last; i++) {
      most = Math.max(most, (double) methods[i] / survey.bodies());
      heaviest = Math.max(heaviest, (double) bytes[i] / survey.codeBytes());
    }
    // One scale for both: a tenth of the methods is as high as a tenth of the bytecode.
    double scale = HEIGHT / (most + heaviest);
    double up = LABEL + scale * most;
    double down = up + AXIS;
    double step = (double) (WIDTH - LEFT) / (last + 1);
    page.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + (HEIGHT + AXIS + 2 * LABEL),
        "role",
        "img",
        "aria-label",
        "For each length of methods, their share of all methods and their share of all bytecode");
    sideLabel(up - 27, "methods", "of all methods");
    sideLabel(down + 20, "code", "of all bytecode");
    label("soft", 0, up + AXIS / 2.0 + 4.5, "Length in bytes");
    for (int i = 0; i <= last; i++) {
      double x = LEFT + i * step;
      page.open("g");
      page.element(
          "title",
          "%s: %s methods with %s of code"
              .formatted(
                  i == 0
                      ? "1 byte"
                      : Figures.count(1 << i) + "–" + Figures.count((2 << i) - 1) + " bytes",
                  Figures.count(methods[i]),
                  Figures.size(bytes[i])));
      double methodsUp = scale * methods[i] / survey.bodies();
      double codeDown = scale * bytes[i] / survey.codeBytes();
      bar("methods", x, up - methodsUp, step, methodsUp);
      bar("code", x, down, step, codeDown);
      double middle = x + step / 2;
      label("middle", middle, up - methodsUp - 7, Figures.share(methods[i], survey.bodies()));
      label("middle", middle, down + codeDown + 17, Figures.share(bytes[i], survey.codeBytes()));
      page.close();
    }
    // The lengths stand between the bars: a bar counts what lies between those beside it.
    for (int i = 0; i <= last; i++) {
      label("soft middle", LEFT + i * step, up + AXIS / 2.0 + 4.5, Figures.count(1 << i));
    }
    page.close();
  }

  private void sideLabel(double y, String colour, String text) {
    label(colour + " strong", 0, y, "Share");
    label(colour + " strong", 0, y + 17, text);
  }

  private void bar(String colour, double x, double y, double width, double height) {
    page.empty(
        "rect",
        "class",
        colour,
        "x",
        number(x + 1.5),
        "y",
        number(y),
        "width",
        number(width - 3),
        "height",
        number(Math.max(height, 0.5)));
  }

  private void label(String style, double x, double y, String text) {
    page.element("text", text, "class", style, "x", number(x), "y", number(y), "font-size", "13");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
