package dev.grain.top;

import dev.grain.minion.report.MinionStatus;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.Report.OfMinion;
import dev.tamboui.buffer.Buffer;
import dev.tamboui.style.Style;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws what {@code mtop} shows. For one thread. */
final class TopScreen {
  private static final int LEAST_WIDTH = 40;
  private static final int LEAST_HEIGHT = 8;
  private static final int HEAD = 3;

  /** From this height on there are charts, and from the width on, two of them beside each other. */
  private static final int CHARTS_FROM = 18;

  private static final int TWO_CHARTS_FROM = 70;
  private static final int LEAST_CHART = 8;
  private static final int MOST_CHART = 13;
  private static final int BAR = 20;

  /** From this width on, the queue is named. */
  private static final int NAME_FROM = 70;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private static final List<String> KEYS =
      List.of(
          "up, down, j, k    choose a minion; PgUp, PgDn, Home, End as well",
          "Enter             look at the minion: its items, last output and errors",
          "left, right, < >  sort by the column beside; s as well",
          "r                 reverse the order",
          "/                 filter by node, state, item, process or job; Esc clears",
          "a                 only minions at work, or all",
          "c                 charts on or off",
          "p, space          pause, and go on",
          "h, ?              this help",
          "Esc               go back",
          "q                 quit");

  private final String source;
  private final Look look;
  private final ZoneId zone;

  /**
   * Makes a screen.
   *
   * @param source where the data comes from, for people
   */
  TopScreen(String source, Look look, ZoneId zone) {
    this.source = source;
    this.look = look;
    this.zone = zone;
  }

  /** Returns how many steps the series of a report should have for a screen of that width. */
  static int steps(int width) {
    return Plot.steps(Math.max(LEAST_WIDTH, chartWidth(width)) - 2);
  }

  private static int chartWidth(int width) {
    return width >= TWO_CHARTS_FROM ? width / 2 : width;
  }

  /** Draws a view. */
  void draw(View view, Buffer buffer) {
    Canvas all = new Canvas(buffer, buffer.area(), look.letters());
    if (all.width() < LEAST_WIDTH || all.height() < LEAST_HEIGHT) {
      all.write(0, 0, "mtop needs %s x %s;".formatted(LEAST_WIDTH, LEAST_HEIGHT), Style.EMPTY);
      all.write(0, 1, "q quits.", Style.EMPTY);
      return;
    }
    title(view, all);
    Canvas body = all.part(0, 1, all.width(), all.height() - 2);
    Report report = view.report();
    if (view.page() == View.Page.HELP) {
      help(view, body);
    } else if (report == null || report.isEmpty()) {
      nothing(view, body);
    } else if (view.page() == View.Page.MINION && view.selected() != null) {
      minion(view, report, view.selected(), body);
    } else {
      minions(view, report, body);
    }
    footer(view, all);
  }

  private void title(View view, Canvas all) {
    Report report = view.report();
    String right =
        report == null ? "" : TIME.format(Instant.ofEpochSecond((long) report.time()).atZone(zone));
    String state = view.isPaused() ? " PAUSED " : "";
    int end = all.width() - right.length();
    int x = all.part(0, 0, end - state.length() - 1, 1).write(0, 0, "mtop", look.title());
    String minions =
        report == null || report.isEmpty()
            ? ""
            : ": %s, %s at work"
                .formatted(
                    Texts.counted(report.summary().minions(), "minion"),
                    Texts.count(report.summary().alive()));
    all.part(0, 0, end - state.length() - 1, 1).write(x + 1, 0, source + minions, Style.EMPTY);
    all.write(end - state.length() - 1, 0, state, look.chosen());
    all.write(end, 0, right, Style.EMPTY);
  }

  private void footer(View view, Canvas all) {
    int last = all.height() - 1;
    if (view.isTyping()) {
      all.fill(last, "/" + view.filter() + "_   Enter keeps, Esc clears", look.chosen());
      return;
    }
    if (view.problem() != null && view.report() != null) {
      all.fill(last, view.problem(), look.bad());
      return;
    }
    all.fill(
        last,
        switch (view.page()) {
          case MINIONS ->
              "h help  q quit  Enter look  / filter  < > sort  r reverse  a all  p pause";
          case MINION -> "Esc back  up, down scroll  left, right other minion  p pause  q quit";
          case HELP -> "Esc back  q quit";
        },
        look.chosen());
  }

  private void nothing(View view, Canvas body) {
    String problem = view.problem();
    List<String> words =
        Texts.wrapped(problem == null ? "Reading " + source + " ..." : problem, body.width() - 4);
    Canvas inner =
        body.part(
            2, Math.max(0, (body.height() - words.size()) / 2), body.width() - 4, body.height());
    inner.lines(0, words, Style.EMPTY);
  }

  private void help(View view, Canvas body) {
    Canvas inner = body.framed(look, "Keys");
    List<String> lines = new ArrayList<>(KEYS);
    lines.add("");
    lines.add("silent: at work, but without news for 15 seconds. It was killed, or its");
    lines.add("machine, its queue or the file system does not answer.");
    int first = view.firstLine(lines.size(), inner.height());
    inner.lines(0, lines.subList(first, lines.size()), Style.EMPTY);
  }

  // ---------------------------------------------------------------- all minions

  private void minions(View view, Report report, Canvas body) {
    head(report, body);
    int y = HEAD;
    if (view.hasCharts() && body.height() + 2 >= CHARTS_FROM) {
      int height = Math.clamp(body.height() / 3, LEAST_CHART, MOST_CHART);
      charts(report, body.part(0, y - 1, body.width(), height));
      y += height - 1;
    }
    table(view, report, body.part(0, y, body.width(), body.height() - y));
  }

  private void head(Report report, Canvas body) {
    Report.Summary summary = report.summary();
    int x = body.write(0, 0, Texts.counted(summary.generations(), "item") + " done", Style.EMPTY);
    if (summary.errors() > 0) {
      String failed =
          ", %s failed (%s%%)"
              .formatted(Texts.count(summary.errors()), Texts.number(summary.percentFailed()));
      x = body.write(x, 0, failed, look.bad());
    }
    String rate =
        " in %s: %s per second, recently %s"
            .formatted(
                Texts.seconds(summary.seconds()),
                Texts.number(summary.rate()),
                Texts.number(summary.recentRate()));
    body.write(x, 0, rate, Style.EMPTY);
    if (!report.queues().isEmpty()) {
      body.write(0, 1, queue(report.queues().getFirst(), body.width()), Style.EMPTY);
    }
  }

  private String queue(Report.Queue queue, int width) {
    List<String> words = new ArrayList<>();
    words.add(
        "%s ready, %s in flight"
            .formatted(StatusPage.number(queue.ready()), StatusPage.number(queue.inFlight())));
    if (queue.done().isPresent()) {
      words.add(StatusPage.number(queue.done()) + " done");
    }
    if (queue.dead().orElse(0) > 0) {
      words.add(StatusPage.number(queue.dead()) + " dead");
    }
    if (queue.secondsLeft() != null) {
      words.add("about " + Texts.seconds(queue.secondsLeft()) + " left");
    }
    String numbers = String.join(", ", words);
    long over = queue.done().orElse(0) + queue.dead().orElse(0);
    long all = over + queue.ready().orElse(0) + queue.inFlight().orElse(0);
    String bar = "";
    if (queue.done().isPresent() && queue.ready().isPresent() && all > 0) {
      double part = (double) over / all;
      bar =
          " [%s] %s%%"
              .formatted(
                  new Plot(look.letters(), BAR).bar(part, BAR), (int) Math.floor(100 * part));
    }
    if (width < NAME_FROM) {
      return numbers;
    }
    String name = queue.address();
    int room = width - numbers.length() - 2;
    if (room - bar.length() < Math.min(12, name.length())) {
      bar = "";
    }
    // the end of a name tells more
    int most = Math.max(8, room - bar.length());
    if (name.length() > most) {
      name = look.letters().cut + name.substring(name.length() - most + 1);
    }
    return name + ": " + numbers + bar;
  }

  private void charts(Report report, Canvas body) {
    int left = chartWidth(body.width());
    Report.Rate rate = report.generations().rate();
    Canvas throughput =
        body.part(0, 0, left, body.height())
            .framed(look, "items per second, each " + Texts.seconds(rate.series().step()));
    throughput.lines(
        0,
        new Plot(look.letters(), throughput.width())
            .overTime(rate.series(), throughput.height(), rate.mean()),
        look.chart());
    if (left == body.width()) {
      return;
    }
    Report.Distribution durations = report.generations().durations();
    Canvas inner =
        body.part(left, 0, body.width() - left, body.height())
            .framed(
                look,
                durations.count() == 0
                    ? "durations"
                    : "durations: median %s, 95%% %s"
                        .formatted(
                            Texts.seconds(durations.median()), Texts.seconds(durations.most95())));
    inner.lines(
        0,
        new Plot(look.letters(), inner.width())
            .distribution(folded(durations, inner.height()), Texts::seconds),
        look.chart());
  }

  /** Joins neighbouring parts until there are no more than there is room for. */
  private static Report.Distribution folded(Report.Distribution all, int room) {
    List<Report.Bin> bins = all.bins();
    int together = (bins.size() + Math.max(1, room) - 1) / Math.max(1, room);
    if (together <= 1) {
      return all;
    }
    List<Report.Bin> fewer = new ArrayList<>();
    for (int i = 0; i < bins.size(); i += together) {
      List<Report.Bin> part = bins.subList(i, Math.min(bins.size(), i + together));
      fewer.add(
          new Report.Bin(
              part.getFirst().from(),
              part.getLast().to(),
              part.stream().mapToLong(Report.Bin::count).sum()));
    }
    return new Report.Distribution(
        all.count(), all.least(), all.mean(), all.median(), all.most95(), all.most(), fewer);
  }

  private void table(View view, Report report, Canvas body) {
    List<OfMinion> minions = view.minions();
    List<Column> columns = new ArrayList<>(Column.ALL);
    columns.removeIf(column -> !column.fits(body.width()));
    body.fill(0, header(view, columns, body.width()), look.title());
    int room = body.height() - 1;
    view.pageLines(room);
    int chosen = view.selectedPlace(minions);
    // the one that is chosen is in the middle, unless the table begins or ends on the screen
    int first = Math.clamp(chosen - room / 2L, 0, Math.max(0, minions.size() - room));
    for (int i = 0; i < Math.min(room, minions.size() - first); i++) {
      OfMinion minion = minions.get(first + i);
      String line = line(minion, columns, body.width(), report.time());
      Style style = first + i == chosen ? look.chosen() : look.of(minion.state());
      body.fill(1 + i, line, style);
    }
    if (minions.isEmpty()) {
      body.write(
          0,
          1,
          view.filter().isEmpty()
              ? "No minion is at work; a shows all."
              : "No minion matches '%s'; Esc clears the filter.".formatted(view.filter()),
          look.quiet());
    }
  }

  private String header(View view, List<Column> columns, int width) {
    StringBuilder line = new StringBuilder();
    for (Column column : columns) {
      String title = column.title;
      if (column == view.column()) {
        boolean rising = column.left != view.isReversed();
        title += rising ? look.letters().up : look.letters().down;
      }
      cell(line, column, title, width);
    }
    if (!view.filter().isEmpty() || view.isOnlyAlive()) {
      line.append(view.isOnlyAlive() ? "  [at work]" : "");
      line.append(view.filter().isEmpty() ? "" : "  [/" + view.filter() + "]");
    }
    return line.toString();
  }

  private String line(OfMinion minion, List<Column> columns, int width, double now) {
    StringBuilder line = new StringBuilder();
    for (Column column : columns) {
      cell(line, column, column.text(minion, now), width);
    }
    return line.toString();
  }

  private void cell(StringBuilder line, Column column, String text, int width) {
    int columns = column.width == 0 ? Math.max(0, width - line.length() - 1) : column.width;
    if (line.length() > 0) {
      line.append(' ');
    }
    String fitting = look.letters().fit(text, columns);
    line.append(
        column.width == 0
            ? fitting.stripTrailing()
            : column.left ? fitting : Texts.right(fitting.strip(), columns));
  }

  // ---------------------------------------------------------------- one minion

  private void minion(View view, Report report, OfMinion minion, Canvas body) {
    Canvas inner = body.framed(look, "%s, process %s".formatted(minion.nodename(), pid(minion)));
    List<String> lines = new ArrayList<>();
    List<Style> styles = new ArrayList<>();
    facts(report, minion)
        .forEach(fact ->
            Texts.wrapped(fact, inner.width())
                .forEach(line -> add(lines, styles, line, Style.EMPTY)));
    if (minion.failure() != null) {
      section(lines, styles, "Ended because of", List.of(minion.failure()), inner, look.bad());
    }
    section(
        lines,
        styles,
        "Items in flight",
        minion.items().stream().map(item -> item(item, report.time())).toList(),
        inner,
        Style.EMPTY);
    if (minion.running() > minion.items().size()) {
      add(
          lines,
          styles,
          "and %s more".formatted(minion.running() - minion.items().size()),
          look.quiet());
    }
    if (minion.lastError() != null) {
      section(lines, styles, "Last error", minion.lastError().lines().toList(), inner, look.bad());
    }
    section(lines, styles, "Last output", minion.output(), inner, Style.EMPTY);
    section(lines, styles, "Last error output", minion.errorOutput(), inner, Style.EMPTY);
    int first = view.firstLine(lines.size(), inner.height());
    for (int i = first; i < Math.min(lines.size(), first + inner.height()); i++) {
      inner.write(0, i - first, lines.get(i), styles.get(i));
    }
  }

  private static String pid(OfMinion minion) {
    return minion.pid() == 0 ? "unknown" : Long.toString(minion.pid());
  }

  private static void add(List<String> lines, List<Style> styles, String line, Style style) {
    lines.add(line);
    styles.add(style);
  }

  private void section(
      List<String> lines,
      List<Style> styles,
      String title,
      List<String> content,
      Canvas inner,
      Style style) {
    add(lines, styles, "", Style.EMPTY);
    add(lines, styles, content.isEmpty() ? title + ": none" : title, look.title());
    for (String line : content) {
      Texts.broken(Texts.clean(line), inner.width())
          .forEach(part -> add(lines, styles, part, style));
    }
  }

  private static String item(MinionStatus.Item item, double now) {
    return "%s  %s  (number %s)"
        .formatted(
            Texts.right(Texts.seconds(now - item.start()), 11),
            item.param(),
            Texts.count(item.generation()));
  }

  private static List<String> facts(Report report, OfMinion minion) {
    List<String> facts = new ArrayList<>();
    String batch =
        minion.batch().entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(", "));
    facts.add(
        "%s, for %s, with %s in flight%s"
            .formatted(
                minion.state().name().toLowerCase(Locale.ROOT),
                Texts.seconds(
                    (minion.state().isAlive() ? report.time() : minion.last()) - minion.start()),
                Texts.counted(minion.running(), "item"),
                batch.isEmpty() ? "" : "; " + batch));
    facts.add(
        "%s done, %s failed, %s per second recently, %s each"
            .formatted(
                Texts.counted(minion.generations(), "item"),
                Texts.count(minion.errors()),
                Texts.number(minion.rate()),
                Texts.seconds(minion.meanSeconds())));
    facts.add("uid " + minion.uid());
    return facts;
  }
}
