package squares;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.grain.Grain;
import dev.grain.worker.LocalCluster;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquaresTest {
  @Test
  void all_onTwoWorkers() {
    try (var cluster = LocalCluster.start(2)) {
      List<Integer> squares =
          Grain.runCombine(() -> Squares.all(List.of(1, 2, 3)), cluster.options());
      assertEquals(List.of(1, 4, 9), squares);
    }
  }
}
