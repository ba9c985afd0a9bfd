package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopNestingTest {
  @ParameterizedTest
  @CsvSource({
    "none, 0",
    "one, 1",
    "inARow, 1",
    "two, 2",
    "three, 3",
    "leavingEarly, 2",
    "byCases, 1"
  })
  void depth_asInTheSource(String method, int depth) throws IOException {
    assertThat(depthOf(method)).isEqualTo(depth);
  }

  @ParameterizedTest
  @CsvSource({"sameBeginning, 1"})
  void depth_loopsThatBeginAtTheSameInstruction_countAsOne(String method, int depth)
      throws IOException {
    assertThat(depthOf(method)).isEqualTo(depth);
  }

  private static int depthOf(String method) throws IOException {
    try (InputStream in =
        LoopNestingTest.class.getResourceAsStream("LoopNestingTest$Loops.class")) {
      MethodModel found =
          ClassFile.of().parse(Objects.requireNonNull(in).readAllBytes()).methods().stream()
              .filter(each -> each.methodName().equalsString(method))
              .findFirst()
              .orElseThrow();
      return LoopNesting.depth(found.findAttribute(Attributes.code()).orElseThrow());
    }
  }

  /** Methods to measure. */
  static final class Loops {
    private Loops() {}

    static int none(int n) {
      return n > 0 ? n : -n;
    }

    static int one(int n) {
      int sum = 0;
      for (int i = 0; i < n; i++) {
        sum += i;
      }
      return sum;
    }

    static int inARow(int n) {
      int sum = 0;
      for (int i = 0; i < n; i++) {
        sum += i;
      }
      while (sum > n) {
        sum -= n;
      }
      return sum;
    }

    static int two(int n) {
      int sum = 0;
      for (int i = 0; i < n; i++) {
        int j = i;
        do {
          sum += j--;
        } while (j > 0);
      }
      return sum;
    }

    static int three(int[][] rows) {
      int sum = 0;
      for (int[] row : rows) {
        for (int n : row) {
          while (n > 0) {
            sum += n;
            n /= 2;
          }
        }
      }
      return sum;
    }

    static int leavingEarly(int[][] rows, int limit) {
      int sum = 0;
      outer:
      for (int[] row : rows) {
        for (int n : row) {
          if (n < 0) {
            continue outer;
          }
          if (n > limit) {
            break outer;
          }
          sum += n;
        }
      }
      return sum;
    }

    static int byCases(int n) {
      int steps = 0;
      while (true) {
        switch (n % 4) {
          case 0 -> n /= 4;
          case 1 -> {
            return steps;
          }
          case 2 -> n /= 2;
          default -> n++;
        }
        steps++;
      }
    }

    static int sameBeginning(int n) {
      while (true) {
        while (n % 2 == 0) {
          n /= 2;
        }
        if (n < 100) {
          return n;
        }
        n++;
      }
    }
  }
}
