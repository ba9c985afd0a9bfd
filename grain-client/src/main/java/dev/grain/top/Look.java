package dev.grain.top;

import dev.grain.minion.report.MinionState;
import dev.tamboui.style.Style;
import dev.tamboui.widgets.block.Block;
import dev.tamboui.widgets.block.BorderSet;
import dev.tamboui.widgets.block.BorderType;
import dev.tamboui.widgets.block.Borders;

/**
 * How the screen looks. Without colors, everything can still be told apart.
 *
 * @param letters what charts and borders are made of
 * @param colored whether there are colors
 */
record Look(Letters letters, boolean colored) {
  private static final BorderSet PLAIN = new BorderSet("-", "-", "|", "|", "+", "+", "+", "+");

  Style title() {
    return Style.EMPTY.bold();
  }

  Style quiet() {
    return colored ? Style.EMPTY.gray() : Style.EMPTY;
  }

  Style chart() {
    return colored ? Style.EMPTY.cyan() : Style.EMPTY;
  }

  Style bad() {
    return colored ? Style.EMPTY.red() : Style.EMPTY.bold();
  }

  Style notice() {
    return colored ? Style.EMPTY.yellow().bold() : Style.EMPTY.bold();
  }

  Style chosen() {
    return Style.EMPTY.reversed();
  }

  Style of(MinionState state) {
    if (!colored) {
      return Style.EMPTY;
    }
    return switch (state) {
      case WORKING -> Style.EMPTY.green();
      case WAITING, STOPPING -> Style.EMPTY.yellow();
      case FAILED, SILENT -> Style.EMPTY.red();
      case ENDED, UNKNOWN -> Style.EMPTY.gray();
    };
  }

  /** Returns a frame with a title. */
  Block frame(String title) {
    Block.Builder block = Block.builder().title(" " + title + " ").borders(Borders.ALL);
    return letters == Letters.ASCII
        ? block.customBorderSet(PLAIN).build()
        : block.borderType(BorderType.PLAIN).build();
  }
}
