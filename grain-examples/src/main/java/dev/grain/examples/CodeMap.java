package dev.grain.examples;

import dev.grain.examples.Atlas.ModuleFigures;
import dev.grain.examples.Atlas.PackageFigures;
import dev.grain.examples.Treemap.Box;
import dev.grain.examples.Treemap.Cell;
import java.util.List;
import java.util.Locale;

/** The map: a rectangle for each module, in it one for each package, as large as their bytecode. */
final class CodeMap {
  private static final int WIDTH = 1080;
  private static final int HEIGHT = 660;
  private static final int LEGEND = 44;
  private static final int STRIP = 17;

  // the mean length of the methods of a package from which on it has the next darker colour
  private static final int[] STEPS = {20, 40, 80, 160};

  private final Markup page;

  private CodeMap(Markup page) {
    this.page = page;
  }

  /** Draws the map. */
  static void draw(List<ModuleFigures> modules, Markup page) {
    new CodeMap(page).draw(modules);
  }

  private void draw(List<ModuleFigures> modules) {
    page.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "aria-label",
        "A map of modules and packages, each as large as its bytecode; the table below it has the"
            + " same figures");
    legend();
    Box all = new Box(0, LEGEND, WIDTH, HEIGHT - LEGEND);
    for (Cell<ModuleFigures> cell : Treemap.layout(modules, ModuleFigures::codeBytes, all)) {
      module(cell.item(), cell.box());
    }
    page.close();
  }

  private void legend() {
    text("soft", 0, 16, 13, "Mean length of a method, in bytes");
    double x = 236;
    for (int i = 0; i <= STEPS.length; i++) {
      rectangle("q" + (i + 1), new Box(x + i * 74, 5, 72, 14));
      String range =
          i == 0
              ? "under " + STEPS[0]
              : i == STEPS.length
                  ? STEPS[i - 1] + " and more"
                  : STEPS[i - 1] + "–" + (STEPS[i] - 1);
      text("soft", x + i * 74, 33, 12, range);
    }
  }

  private void module(ModuleFigures module, Box box) {
    boolean labelled = box.width() > 46 && box.height() > 34;
    if (labelled) {
      page.open("g");
      page.element(
          "title",
          "%s: %s classes, %s of code"
              .formatted(
                  module.name(),
                  Figures.count(module.classes()),
                  Figures.size(module.codeBytes())));
      String size = Figures.size(module.codeBytes());
      String label = fitting(module.name(), box.width() - 6, 12.5, 4);
      boolean both = width(module.name() + "  " + size, 12.5) < box.width() - 8;
      page.open(
          "text",
          "class",
          "strong",
          "x",
          number(box.x() + 2),
          "y",
          number(box.y() + 14),
          "font-size",
          "12.5");
      page.text(both ? module.name() : label);
      if (both) {
        page.element("tspan", size, "class", "soft", "dx", "6", "font-weight", "400");
      }
      page.close().close();
    }
    Box inside = box.inset(1, labelled ? STRIP : 0);
    for (Cell<PackageFigures> cell :
        Treemap.layout(module.packages(), PackageFigures::codeBytes, inside)) {
      figures(cell.item(), cell.box().inset(0.5, 0));
    }
  }

  private void figures(PackageFigures figures, Box box) {
    int step = 1;
    for (int from : STEPS) {
      if (figures.meanLength() >= from) {
        step++;
      }
    }
    page.open("g", "class", "cell");
    page.element(
        "title",
        "%s, in %s: %s classes, %s methods with %s of code, %s bytes each"
            .formatted(
                figures.where().name(),
                figures.where().module(),
                Figures.count(figures.classes()),
                Figures.count(figures.bodies()),
                Figures.size(figures.codeBytes()),
                Figures.count(Math.round(figures.meanLength()))));
    rectangle("q" + step, box);
    double size = box.width() > 150 && box.height() > 60 ? 12.5 : 11;
    String label = fitting(figures.where().name(), box.width() - 8, size, 2);
    if (box.height() >= size + 7 && !label.isEmpty()) {
      text("on" + step, box.x() + 4, box.y() + size + 3, size, label);
      String bytes = Figures.size(figures.codeBytes());
      if (box.height() > 2.6 * size + 7 && width(bytes, size) < box.width() - 8) {
        text("on" + step, box.x() + 4, box.y() + 2.3 * size + 4, size, bytes);
      }
    }
    page.close();
  }

  /**
   * Returns as many of the last parts of a name as there is room for; empty if that is less than so
   * many letters.
   */
  private static String fitting(String name, double room, double size, int letters) {
    String label = name;
    while (width(label, size) > room) {
      int dot = label.indexOf('.');
      if (dot < 0) {
        return "";
      }
      label = label.substring(dot + 1);
    }
    return label.length() < letters ? "" : label;
  }

  /**
   * Returns about how wide a text is: letters of a plain font are 0.57 of their size on average.
   */
  private static double width(String text, double size) {
    return 0.57 * size * text.length();
  }

  private void rectangle(String style, Box box) {
    page.empty(
        "rect",
        "class",
        style,
        "x",
        number(box.x()),
        "y",
        number(box.y()),
        "width",
        number(box.width()),
        "height",
        number(box.height()));
  }

  private void text(String style, double x, double y, double size, String text) {
    page.element(
        "text", text, "class", style, "x", number(x), "y", number(y), "font-size", number(size));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
