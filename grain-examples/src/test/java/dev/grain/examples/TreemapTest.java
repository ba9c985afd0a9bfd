package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.grain.examples.Treemap.Box;
import dev.grain.examples.Treemap.Cell;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TreemapTest {
  private static final Box PAGE = new Box(10, 20, 600, 400);

  @Test
  void layout_manyItems_fillsTheBoxInProportion() {
    List<Double> weights =
        new SplittableRandom(5)
            .doubles(200, 0, 1)
            .map(number -> number * number * number)
            .boxed()
            .sorted(Comparator.reverseOrder())
            .toList();
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();

    List<Cell<Double>> cells = Treemap.layout(weights, Double::doubleValue, PAGE);

    assertThat(cells).extracting(Cell::item).isEqualTo(weights);
    for (Cell<Double> cell : cells) {
      Box box = cell.box();
      assertThat(box.area()).isCloseTo(PAGE.area() * cell.item() / sum, within(1e-6));
      assertThat(box.x()).isBetween(10 - 1e-6, 610.0);
      assertThat(box.x() + box.width()).isLessThan(610 + 1e-6);
      assertThat(box.y()).isBetween(20 - 1e-6, 420.0);
      assertThat(box.y() + box.height()).isLessThan(420 + 1e-6);
    }
    for (int i = 0; i < cells.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(overlap(cells.get(i).box(), cells.get(j).box())).isLessThan(1e-6);
      }
    }
  }

  @Test
  void layout_equalItems_areNearlySquare() {
    List<Cell<Integer>> cells =
        Treemap.layout(List.of(1, 1, 1, 1, 1, 1), Integer::doubleValue, PAGE);

    assertThat(cells)
        .allSatisfy(
            cell -> assertThat(cell.box().width() / cell.box().height()).isBetween(0.6, 1 / 0.6));
  }

  @Test
  void layout_weightless_isLeftOut() {
    assertThat(Treemap.layout(List.of(2, 0), Integer::doubleValue, PAGE)).hasSize(1);
    assertThat(Treemap.layout(List.<Integer>of(), Integer::doubleValue, PAGE)).isEmpty();
  }

  private static double overlap(Box one, Box other) {
    double width =
        Math.min(one.x() + one.width(), other.x() + other.width()) - Math.max(one.x(), other.x());
    double height =
        Math.min(one.y() + one.height(), other.y() + other.height()) - Math.max(one.y(), other.y());
    return width > 0 && height > 0 ? width * height : 0;
  }
}
