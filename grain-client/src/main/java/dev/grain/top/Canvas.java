package dev.grain.top;

import dev.tamboui.buffer.Buffer;
import dev.tamboui.layout.Rect;
import dev.tamboui.style.Style;
import java.util.List;

/** A part of the screen that lines are written to. What does not fit is cut off. For one thread. */
final class Canvas {
  private final Buffer buffer;
  private final Rect area;
  private final Letters letters;

  Canvas(Buffer buffer, Rect area, Letters letters) {
    this.buffer = buffer;
    this.area = area;
    this.letters = letters;
  }

  Rect area() {
    return area;
  }

  int width() {
    return area.width();
  }

  int height() {
    return area.height();
  }

  /** Returns a part of this. */
  Canvas part(int x, int y, int width, int height) {
    int left = Math.clamp(x, 0, area.width());
    int top = Math.clamp(y, 0, area.height());
    return new Canvas(
        buffer,
        new Rect(
            area.x() + left,
            area.y() + top,
            Math.clamp(width, 0, area.width() - left),
            Math.clamp(height, 0, area.height() - top)),
        letters);
  }

  /** Draws a frame, and returns what is within it. */
  Canvas framed(Look look, String title) {
    var block = look.frame(letters.fit(title, Math.max(0, width() - 4)).stripTrailing());
    block.render(area, buffer);
    return new Canvas(buffer, block.inner(area), letters);
  }

  /** Writes a line, and returns the column behind it. */
  int write(int x, int y, String text, Style style) {
    if (y < 0 || y >= height() || x >= width()) {
      return x;
    }
    String fitting = letters.fit(text, width() - x).stripTrailing();
    return buffer.setString(area.x() + x, area.y() + y, fitting, style) - area.x();
  }

  /** Writes a line that fills the width. */
  void fill(int y, String text, Style style) {
    if (y >= 0 && y < height()) {
      buffer.setString(area.x(), area.y() + y, letters.fit(text, width()), style);
    }
  }

  /** Writes lines below each other. */
  void lines(int y, List<String> lines, Style style) {
    for (int i = 0; i < lines.size(); i++) {
      write(0, y + i, lines.get(i), style);
    }
  }
}
