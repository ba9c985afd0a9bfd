package squares;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import java.util.List;

final class Squares {
  static void main() {
    IO.println(Grain.runCombine(() -> all(List.of(1, 2, 3))));
  }

  /** Runs a job for each number, on whatever workers the program has. */
  static List<Integer> all(List<Integer> numbers) {
    return Grain.map(cpu(1), Squares::square, numbers);
  }

  static int square(int number) {
    return number * number;
  }
}
