package dev.grain.top;

import dev.grain.minion.report.MinionStatus;
import dev.grain.minion.report.Report.OfMinion;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A column of the table of minions. */
final class Column {
  static final Column NODE =
      new Column(
          "NODE",
          16,
          0,
          true,
          Comparator.comparing(OfMinion::nodename),
          (each, _) -> each.nodename());
  static final Column STATE =
      new Column(
          "STATE",
          8,
          0,
          true,
          Comparator.comparing(OfMinion::state),
          (each, _) -> each.state().name().toLowerCase(Locale.ROOT));
  static final Column RUNNING =
      new Column(
          "RUN",
          4,
          76,
          false,
          Comparator.comparingInt(OfMinion::running),
          (each, _) -> Texts.count(each.running()));
  static final Column DONE =
      new Column(
          "DONE",
          8,
          48,
          false,
          Comparator.comparingLong(OfMinion::generations),
          (each, _) -> Texts.count(each.generations()));
  static final Column FAILED =
      new Column(
          "FAILED",
          7,
          0,
          false,
          Comparator.comparingLong(OfMinion::errors),
          (each, _) -> Texts.count(each.errors()));
  static final Column RATE =
      new Column(
          "PER SEC",
          8,
          56,
          false,
          Comparator.comparingDouble(OfMinion::rate),
          (each, _) -> each.state().isAlive() ? Texts.number(each.rate()) : "-");
  static final Column MEAN =
      new Column(
          "MEAN",
          11,
          84,
          false,
          Comparator.comparingDouble(OfMinion::meanSeconds),
          (each, _) -> Texts.seconds(each.meanSeconds()));
  static final Column AGE =
      new Column(
          "AGE",
          11,
          110,
          false,
          Comparator.comparingDouble(each -> each.last() - each.start()),
          (each, _) -> Texts.seconds(each.last() - each.start()));
  static final Column ITEM =
      new Column("ITEM", 0, 0, true, Comparator.comparing(Column::item), Column::itemText);

  /** All columns, from left to right. */
  static final List<Column> ALL =
      List.of(NODE, STATE, RUNNING, DONE, FAILED, RATE, MEAN, AGE, ITEM);

  final String title;
  // 0 for what the others leave
  final int width;
  final boolean left;
  private final int need;
  private final Comparator<OfMinion> ascending;
  private final Content content;

  /** What stands in a cell. */
  private interface Content {
    String of(OfMinion minion, double now);
  }

  /**
   * Makes one.
   *
   * @param need from which width of the screen on it is shown
   * @param left whether it is text, which begins at the left
   */
  private Column(
      String title,
      int width,
      int need,
      boolean left,
      Comparator<OfMinion> ascending,
      Content content) {
    this.title = title;
    this.width = width;
    this.need = need;
    this.left = left;
    this.ascending = ascending;
    this.content = content;
  }

  private static String item(OfMinion minion) {
    return minion.items().isEmpty() ? "" : minion.items().getFirst().param();
  }

  private static String itemText(OfMinion minion, double now) {
    if (minion.items().isEmpty()) {
      return minion.lastParam() == null ? "" : "(" + minion.lastParam() + ")";
    }
    MinionStatus.Item oldest = minion.items().getFirst();
    return oldest.param() + "  " + Texts.seconds(now - oldest.start());
  }

  boolean fits(int screen) {
    return screen >= need;
  }

  /** Returns the order in which numbers start with the largest, and texts with the first. */
  Comparator<OfMinion> order(boolean reversed) {
    Comparator<OfMinion> natural = left ? ascending : ascending.reversed();
    return (reversed ? natural.reversed() : natural).thenComparing(OfMinion::uid);
  }

  /**
   * Returns what stands there.
   *
   * @param now the time
   */
  String text(OfMinion minion, double now) {
    return content.of(minion, now);
  }

  /** Returns the column so many further to the right, or on from the other side. */
  Column next(int step) {
    return ALL.get(Math.floorMod(ALL.indexOf(this) + step, ALL.size()));
  }
}
