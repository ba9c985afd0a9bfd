package dev.grain.examples;

import dev.grain.examples.Survey.Called;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@link ClassAtlas} prints. */
final class AtlasTable {
  private final StringBuilder out = new StringBuilder();

  private AtlasTable() {}

  /** Returns the figures as lines of text. */
  static String of(Atlas atlas) {
    AtlasTable table = new AtlasTable();
    table.figures(atlas);
    table.lists(atlas.total());
    return table.out.toString();
  }

  private void figures(Atlas atlas) {
    Survey total = atlas.total();
    line(atlas.finding() + ".");
    line("");
    figure(
        total.classes(),
        "classes",
        "in %s of %s, %s"
            .formatted(
                Figures.count(atlas.packages().size(), "package"),
                Figures.count(atlas.modules().size(), "module"),
                Figures.size(total.fileBytes())));
    figure(total.methods(), "methods", "of which " + Figures.count(total.bodies()) + " have code");
    figure(
        total.codeBytes(),
        "bytes of code",
        "half of the methods have at most " + Figures.count(total.medianLength()));
    figure(total.instructions(), "instructions", "");
    total.dynamicCalls().forEach((use, count) -> figure(count, use, ""));
    line("  class file format " + versions(total));
    line(
        "  %s on cores %s: %s of work in %s"
            .formatted(
                Figures.count(atlas.packages().size(), "job"),
                cores(atlas),
                Figures.time(atlas.work()),
                Figures.time(atlas.elapsed())));
    if (atlas.repeated() > 0) {
      line(
          "  %s ran again because a worker was lost"
              .formatted(Figures.count(atlas.repeated(), "job")));
    }
  }

  private static String cores(Atlas atlas) {
    return atlas.cores().entrySet().stream()
        .map(entry -> entry.getValue() + " of " + entry.getKey())
        .collect(Collectors.joining(" and "));
  }

  private static String versions(Survey total) {
    return total.versions().entrySet().stream()
        .map(entry -> entry.getKey() + " (" + Figures.count(entry.getValue()) + ")")
        .collect(Collectors.joining(", "));
  }

  private void lists(Survey total) {
    heading("The longest methods", "bytes", "loops");
    for (MethodSize method : total.longest()) {
      row(Figures.count(method.bytes()), Figures.count(method.loops()), nameOf(method));
    }
    heading("The deepest loops", "loops", "bytes");
    for (MethodSize method : total.deepest()) {
      row(Figures.count(method.loops()), Figures.count(method.bytes()), nameOf(method));
    }
    heading("The most called methods", "calls", "share");
    long all = total.calls().values().stream().mapToLong(Integer::longValue).sum();
    for (Called each : total.mostCalled(ClassAtlas.LISTED)) {
      row(
          Figures.count(each.calls()),
          Figures.share(each.calls(), all),
          each.method().owner() + "." + each.method().name());
    }
    heading("Loops inside each other", "loops", "methods");
    for (Map.Entry<Integer, Integer> entry : total.depths().entrySet()) {
      row(Figures.count(entry.getKey()), Figures.count(entry.getValue()), "");
    }
  }

  private static String nameOf(MethodSize method) {
    String parameters = method.parameters();
    return method.owner() + "." + method.name() + (parameters.length() > 40 ? "(...)" : parameters);
  }

  private void figure(long count, String name, String more) {
    line("  %12s %-28s %s".formatted(Figures.count(count), name, more));
  }

  private void heading(String heading, String first, String second) {
    line("");
    line(heading);
    row(first, second, "");
  }

  private void row(String first, String second, String name) {
    line("  %9s %8s  %s".formatted(first, second, name));
  }

  private void line(String line) {
    // A terminal may know no other characters than those of ASCII.
    out.append(line.replace('\u00a0', ' ').stripTrailing()).append('\n');
  }
}
