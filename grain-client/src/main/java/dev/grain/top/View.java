package dev.grain.top;

import dev.grain.minion.report.MinionState;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.Report.OfMinion;
import dev.tamboui.tui.event.KeyCode;
import dev.tamboui.tui.event.KeyEvent;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the user looks at, and how keys change it. For one thread. */
final class View {
  /** What fills the screen. */
  enum Page {
    /** The table of minions, with charts. */
    MINIONS,
    /** One minion. */
    MINION,
    /** The keys. */
    HELP
  }

  private Page page = Page.MINIONS;
  private Column column = Column.NODE;
  private boolean reversed;
  private boolean onlyAlive;
  private boolean charts = true;
  private boolean paused;
  private boolean typing;
  private String filter = "";
  private @Nullable Report report;
  private @Nullable String problem;
  // the uid of the minion that is chosen; null for the first one
  private @Nullable String chosen;
  private int firstLine;
  private int pageLines = 10;
  private boolean over;

  /**
   * The newest data has come.
   *
   * @param now null if there is none yet
   * @param trouble why there is none, or no newer; null if all is well
   * @return whether the screen changes
   */
  boolean onReport(@Nullable Report now, @Nullable String trouble) {
    if (paused) {
      return false;
    }
    if (now != null) {
      report = now;
    }
    problem = trouble;
    return true;
  }

  // ---------------------------------------------------------------- keys

  void onKey(KeyEvent key) {
    if (key.isCtrlC()) {
      over = true;
    } else if (typing) {
      onFilterKey(key);
    } else if (key.isKey(KeyCode.ESCAPE)) {
      onEscape();
    } else if (key.isKey(KeyCode.CHAR)) {
      onLetter(key.character());
    } else {
      onMove(key.code());
    }
  }

  private void onFilterKey(KeyEvent key) {
    if (key.isKey(KeyCode.ENTER)) {
      typing = false;
    } else if (key.isKey(KeyCode.ESCAPE)) {
      typing = false;
      filter = "";
    } else if (key.isKey(KeyCode.BACKSPACE)) {
      filter = filter.isEmpty() ? "" : filter.substring(0, filter.length() - 1);
    } else if (key.isKey(KeyCode.CHAR) && !key.hasCtrl() && !key.hasAlt()) {
      filter += key.character();
    }
  }

  /** Goes back by one step. */
  private void onEscape() {
    if (page != Page.MINIONS) {
      show(Page.MINIONS);
    } else {
      filter = "";
    }
  }

  private void show(Page next) {
    page = next;
    firstLine = 0;
  }

  private void onLetter(char letter) {
    switch (letter) {
      case 'q', 'Q' -> over = true;
      case 'h', '?' -> show(page == Page.HELP ? Page.MINIONS : Page.HELP);
      case 'p', ' ' -> paused = !paused;
      case 'k' -> onMove(KeyCode.UP);
      case 'j' -> onMove(KeyCode.DOWN);
      default -> {
        if (page == Page.MINIONS) {
          onTableLetter(letter);
        }
      }
    }
  }

  private void onTableLetter(char letter) {
    switch (letter) {
      case '/' -> typing = true;
      case '<' -> column = column.next(-1);
      case '>', 's' -> column = column.next(1);
      case 'r' -> reversed = !reversed;
      case 'a' -> onlyAlive = !onlyAlive;
      case 'c' -> charts = !charts;
      default -> {
        // no key of ours
      }
    }
  }

  private void onMove(KeyCode code) {
    switch (code) {
      case UP -> move(-1);
      case DOWN -> move(1);
      case PAGE_UP -> move(-pageLines);
      case PAGE_DOWN -> move(pageLines);
      case HOME -> move(-Integer.MAX_VALUE / 2);
      case END -> move(Integer.MAX_VALUE / 2);
      case LEFT -> sideways(-1);
      case RIGHT -> sideways(1);
      case ENTER -> {
        if (page == Page.MINIONS && selected() != null) {
          show(Page.MINION);
        } else if (page != Page.MINIONS) {
          show(Page.MINIONS);
        }
      }
      default -> {
        // no key of ours
      }
    }
  }

  /** In the table, sorts by the column beside; in a minion, shows the one beside. */
  private void sideways(int step) {
    if (page == Page.MINIONS) {
      column = column.next(step);
    } else if (page == Page.MINION) {
      choose(step);
      firstLine = 0;
    }
  }

  private void move(int step) {
    if (page == Page.MINIONS) {
      choose(step);
    } else {
      firstLine = Math.max(0, firstLine + step);
    }
  }

  private void choose(int step) {
    List<OfMinion> minions = minions();
    if (!minions.isEmpty()) {
      int place = Math.clamp((long) selectedPlace(minions) + step, 0, minions.size() - 1);
      chosen = minions.get(place).uid();
    }
  }

  // ---------------------------------------------------------------- what is shown

  /** Returns the minions that pass the filter, in their order. */
  List<OfMinion> minions() {
    if (report == null) {
      return List.of();
    }
    String wanted = filter.toLowerCase(Locale.ROOT);
    return report.table().stream()
        .filter(each -> !onlyAlive || each.state().isAlive())
        .filter(each -> wanted.isEmpty() || text(each).contains(wanted))
        .sorted(column.order(reversed))
        .toList();
  }

  /** Returns what the filter looks at. */
  private static String text(OfMinion minion) {
    MinionState state = minion.state();
    return String.join(
            "\n",
            minion.nodename(),
            minion.uid(),
            String.valueOf(minion.pid()),
            state.name(),
            String.join("\n", minion.batch().values()),
            minion.items().isEmpty()
                ? String.valueOf(minion.lastParam())
                : minion.items().getFirst().param())
        .toLowerCase(Locale.ROOT);
  }

  /** Returns the minion that is chosen; null if there is none. */
  @Nullable OfMinion selected() {
    List<OfMinion> minions = minions();
    return minions.isEmpty() ? null : minions.get(selectedPlace(minions));
  }

  int selectedPlace(List<OfMinion> minions) {
    for (int i = 0; i < minions.size(); i++) {
      if (minions.get(i).uid().equals(chosen)) {
        return i;
      }
    }
    return 0;
  }

  /**
   * Returns the first line to be shown of a page that is longer than the screen.
   *
   * @param lines how many there are
   * @param room how many fit
   */
  int firstLine(int lines, int room) {
    pageLines = Math.max(1, room - 1);
    firstLine = Math.clamp(firstLine, 0, Math.max(0, lines - room));
    return firstLine;
  }

  void pageLines(int room) {
    pageLines = Math.max(1, room - 1);
  }

  Page page() {
    return page;
  }

  Column column() {
    return column;
  }

  boolean isReversed() {
    return reversed;
  }

  boolean isOnlyAlive() {
    return onlyAlive;
  }

  boolean hasCharts() {
    return charts;
  }

  boolean isPaused() {
    return paused;
  }

  boolean isTyping() {
    return typing;
  }

  String filter() {
    return filter;
  }

  @Nullable Report report() {
    return report;
  }

  @Nullable String problem() {
    return problem;
  }

  /** Returns whether the user wants to leave. */
  boolean isOver() {
    return over;
  }
}
