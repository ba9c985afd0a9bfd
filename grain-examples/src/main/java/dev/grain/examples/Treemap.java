package dev.grain.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Divides a rectangle into rectangles of given areas that are as square as can be.
 *
 * <p>Implementation note: the squarified layout of Bruls, Huizing and van Wijk (2000). Rectangles
 * are laid in a row along the shorter side of what is left, for as long as the next one does not
 * make the worst proportion of the row worse.
 */
final class Treemap {
  /** A rectangle; {@code x} and {@code y} are its upper left corner. */
  record Box(double x, double y, double width, double height) {
    double area() {
      return width * height;
    }

    /** Returns the box without a border on each side, and without a strip above the rest. */
    Box inset(double border, double above) {
      return new Box(
          x + border,
          y + border + above,
          Math.max(0, width - 2 * border),
          Math.max(0, height - 2 * border - above));
    }
  }

  /** An item and where it is drawn. */
  record Cell<T>(T item, Box box) {}

  private Treemap() {}

  /**
   * Returns a cell for each item that weighs more than nothing.
   *
   * @param items the heaviest first
   */
  static <T> List<Cell<T>> layout(List<T> items, ToDoubleFunction<T> weight, Box box) {
    List<T> rest = items.stream().filter(item -> weight.applyAsDouble(item) > 0).toList();
    double scale = box.area() / rest.stream().mapToDouble(weight).sum();
    List<Cell<T>> cells = new ArrayList<>();
    Box left = box;
    while (!rest.isEmpty()) {
      double side = Math.min(left.width(), left.height());
      int count = 1;
      while (count < rest.size()
          && worst(rest.subList(0, count + 1), weight, scale, side)
              <= worst(rest.subList(0, count), weight, scale, side)) {
        count++;
      }
      left = place(rest.subList(0, count), weight, scale, left, cells);
      rest = rest.subList(count, rest.size());
    }
    return cells;
  }

  /** Returns the greatest proportion of a long to a short side that a row would have. */
  private static <T> double worst(
      List<T> row, ToDoubleFunction<T> weight, double scale, double side) {
    double area = scale * row.stream().mapToDouble(weight).sum();
    double largest = scale * weight.applyAsDouble(row.getFirst());
    double smallest = scale * weight.applyAsDouble(row.getLast());
    double square = side * side;
    return Math.max(square * largest / (area * area), area * area / (square * smallest));
  }

  /** Places a row along the shorter side; returns what is left of the box. */
  private static <T> Box place(
      List<T> row, ToDoubleFunction<T> weight, double scale, Box box, List<Cell<T>> cells) {
    double area = scale * row.stream().mapToDouble(weight).sum();
    boolean upright = box.width() >= box.height();
    double thickness = area / (upright ? box.height() : box.width());
    double at = 0;
    for (T item : row) {
      double length = scale * weight.applyAsDouble(item) / thickness;
      cells.add(
          new Cell<>(
              item,
              upright
                  ? new Box(box.x(), box.y() + at, thickness, length)
                  : new Box(box.x() + at, box.y(), length, thickness)));
      at += length;
    }
    return upright
        ? new Box(box.x() + thickness, box.y(), box.width() - thickness, box.height())
        : new Box(box.x(), box.y() + thickness, box.width(), box.height() - thickness);
  }
}
