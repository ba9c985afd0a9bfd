package dev.grain.examples;

import dev.grain.examples.Atlas.ModuleFigures;
import dev.grain.examples.Survey.Called;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The report of {@link ClassAtlas}: one page of HTML that needs nothing besides. */
final class AtlasPage {
  private static final int LONGEST_POSSIBLE = 65_535;

  private final Atlas atlas;
  private final Survey total;
  private final Markup page = new Markup();

  private AtlasPage(Atlas atlas) {
    this.atlas = atlas;
    this.total = atlas.total();
  }

  /** Returns the page. */
  static String of(Atlas atlas) {
    AtlasPage page = new AtlasPage(atlas);
    page.write();
    return page.page.toString();
  }

  private void write() {
    page.open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.element("title", atlas.finding());
    page.open("style").raw(styles()).close().close();
    page.open("body").open("main");
    header();
    if (total.bodies() > 0) {
      lengths();
      map();
      page.open("div", "class", "pair");
      longest();
      called();
      deepest();
      constructs();
      page.close();
    }
    page.close();
    footer();
    page.close().close();
  }

  private void header() {
    page.open("header");
    page.element("h1", atlas.finding());
    page.element(
        "p",
        ("All %s class files were read and measured. They hold %s of bytecode, %s of it in the"
                + " package %s.")
            .formatted(
                Figures.count(total.classes()),
                Figures.size(total.codeBytes()),
                Figures.share(atlas.packages().getFirst().codeBytes(), total.codeBytes()),
                atlas.packages().getFirst().where().name()),
        "class",
        "lead");
    page.open("dl", "class", "figures");
    figure(atlas.modules().size(), "module", "modules");
    figure(atlas.packages().size(), "package", "packages");
    figure(total.classes(), "class", "classes");
    figure(total.bodies(), "method with code", "methods with code");
    figure(total.instructions(), "instruction", "instructions");
    page.close().close();
  }

  private void figure(long count, String one, String many) {
    page.open("div")
        .element("dt", count == 1 ? one : many)
        .element("dd", Figures.count(count))
        .close();
  }

  private void lengths() {
    page.open("section");
    page.element(
        "h2", "Half of the methods have at most %s".formatted(Figures.size(total.medianLength())));
    page.element(
        "p",
        "Above the axis, how many methods there are of each length; below it, how much of the"
            + " bytecode they hold. Each bar stands for methods twice as long as the one before.");
    scroll("Lengths of methods");
    LengthChart.draw(total, page);
    page.close().close();
  }

  private void map() {
    List<ModuleFigures> modules = atlas.modules();
    page.open("section");
    page.element("h2", largest(modules));
    page.element(
        "p",
        "Each rectangle is a package, as large as its bytecode, within its module. The stronger the"
            + " colour, the longer its methods.");
    scroll("Map of packages");
    CodeMap.draw(modules, page);
    page.close();
    page.open("details").element("summary", "The same as a table, module by module");
    page.open("table").open("thead").open("tr");
    page.element("th", "Module");
    for (String heading : List.of("packages", "classes", "methods", "bytes of code", "share")) {
      page.element("th", heading, "class", "number");
    }
    page.close().close().open("tbody");
    for (ModuleFigures module : modules) {
      page.open("tr").element("td", module.name());
      number(Figures.count(module.packages().size()));
      number(Figures.count(module.classes()));
      number(Figures.count(module.bodies()));
      number(Figures.count(module.codeBytes()));
      number(Figures.share(module.codeBytes(), total.codeBytes()));
      page.close();
    }
    page.close().close().close().close();
  }

  private String largest(List<ModuleFigures> modules) {
    if (modules.size() < 3) {
      var first = atlas.packages().getFirst();
      return "%s of the code is in one package, %s"
          .formatted(Figures.share(first.codeBytes(), total.codeBytes()), first.where().name());
    }
    ModuleFigures first = modules.get(0);
    ModuleFigures second = modules.get(1);
    return "Two of %s modules hold %s of the code: %s and %s"
        .formatted(
            modules.size(),
            Figures.share(first.codeBytes() + second.codeBytes(), total.codeBytes()),
            first.name(),
            second.name());
  }

  private void longest() {
    List<MethodSize> longest = total.longest();
    section(
        "The longest method fills %s of the %s bytes that it may"
            .formatted(
                Figures.share(longest.getFirst().bytes(), LONGEST_POSSIBLE),
                Figures.count(LONGEST_POSSIBLE)),
        "Method",
        "bytes");
    for (MethodSize method : longest) {
      row(
          method.owner(),
          method.name() + method.parameters(),
          method.bytes(),
          (double) method.bytes() / longest.getFirst().bytes(),
          "bar of-code");
    }
    page.close().close().close();
  }

  private void called() {
    List<Called> called = total.mostCalled(ClassAtlas.LISTED);
    if (called.isEmpty()) {
      return;
    }
    Called first = called.getFirst();
    section(
        "%s is called from %s places"
            .formatted(
                simple(first.method().owner()) + "." + first.method().name(),
                Figures.count(first.calls())),
        "Method, overloads together",
        "calls");
    for (Called each : called) {
      row(
          each.method().owner(),
          each.method().name(),
          each.calls(),
          (double) each.calls() / first.calls(),
          "bar");
    }
    page.close().close().close();
  }

  private void deepest() {
    List<MethodSize> deepest = total.deepest();
    int depth = deepest.getFirst().loops();
    section(
        switch (depth) {
          case 0 -> "There is no loop";
          case 1 -> "No loop is inside another";
          default -> "Loops are nested up to %s deep".formatted(depth);
        },
        "Method",
        "loops");
    for (MethodSize method : deepest) {
      row(
          method.owner(),
          method.name() + method.parameters(),
          method.loops(),
          depth == 0 ? 0 : (double) method.loops() / depth,
          "bar of-code");
    }
    page.close().close().close();
  }

  private void constructs() {
    Map<String, Integer> uses = total.dynamicCalls();
    int places = uses.values().stream().mapToInt(Integer::intValue).sum();
    section(
        "The compiler leaves %s places to invokedynamic".formatted(Figures.count(places)),
        "What is made there at run time",
        "places");
    int most = uses.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    uses.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(entry ->
            row("", entry.getKey(), entry.getValue(), (double) entry.getValue() / most, "bar"));
    page.close().close();
    int nested = total.bodies() - total.depths().getOrDefault(0, 0);
    page.element(
        "p",
        "%s of the methods have a loop. Format of the class files: %s."
            .formatted(
                Figures.share(nested, total.bodies()),
                total.versions().entrySet().stream()
                    .map(entry ->
                        "%s in %s".formatted(entry.getKey(), Figures.count(entry.getValue())))
                    .collect(Collectors.joining(", "))),
        "class",
        "note");
    page.close();
  }

  /** Opens what can be scrolled on a narrow screen, with the keyboard too. */
  private void scroll(String label) {
    page.open("div", "class", "scroll", "role", "region", "aria-label", label, "tabindex", "0");
  }

  private void section(String heading, String first, String second) {
    page.open("section").element("h2", heading);
    page.open("table").open("thead").open("tr");
    page.element("th", first).element("th", second, "class", "number");
    page.close().close().open("tbody");
  }

  private void row(String owner, String name, int count, double share, String bar) {
    page.open("tr").open("td");
    int dot = owner.lastIndexOf('.');
    String type = owner.substring(dot + 1);
    page.text(type.isEmpty() ? name : type + "." + name);
    if (dot > 0) {
      page.element("span", owner.substring(0, dot), "class", "where");
    }
    page.element(
        "span",
        "",
        "class",
        bar,
        "style",
        String.format(Locale.ROOT, "width: %.1f%%", 100 * share));
    page.close();
    number(Figures.count(count));
    page.close();
  }

  private void number(String number) {
    page.element("td", number, "class", "number");
  }

  private void footer() {
    page.open("footer");
    page.element(
        "p",
        ("Read with Grain from the class files of JDK %s: %s, one for each package, on %s; %s of"
                + " work in %s.")
            .formatted(
                Runtime.version(),
                Figures.count(atlas.packages().size(), "job"),
                Figures.count(atlas.coreCount(), "core"),
                Figures.time(atlas.work()),
                Figures.time(atlas.elapsed())));
    page.element(
        "p",
        "How it is measured: the length of a method is the length of its bytecode; abstract and"
            + " native methods have none. A call is an instruction that names the method, in the"
            + " class that it names, whether it ever runs or not. A loop is the code from an"
            + " instruction that some later jump goes back to, up to the last jump that does; the"
            + " depth of a method is the greatest number of loops around one and the same"
            + " instruction. Descriptors of modules are not counted.");
    page.close();
  }

  private static String simple(String owner) {
    return owner.substring(owner.lastIndexOf('.') + 1);
  }

  private static String styles() {
    try (InputStream in = AtlasPage.class.getResourceAsStream("class-atlas.css")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
