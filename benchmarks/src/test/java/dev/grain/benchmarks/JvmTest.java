package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.Test;

class JvmTest {
  /** Answers each line until its input ends. */
  static final class Echo {
    private Echo() {}

    public static void main(String[] arguments) {
      Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
      while (lines.hasNextLine()) {
        System.out.println("noise");
        System.out.println("echo " + lines.nextLine());
      }
    }
  }

  /** Fails at once if it is not given a number. */
  static final class Failing {
    private Failing() {}

    public static void main(String[] arguments) {
      System.out.println(Integer.parseInt(arguments[0]));
    }
  }

  /** Never ends by itself. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println("ready");
      Thread.currentThread().join();
    }
  }

  @Test
  void ask_childAnswers_returnsTheRestOfItsLine() throws IOException {
    try (Jvm jvm = Jvm.start("echo", List.of("-Xmx32m"), Echo.class)) {
      assertThat(jvm.ask("one two", "echo")).isEqualTo("one two");
      assertThat(jvm.ask("three", "echo")).isEqualTo("three");
    }
  }

  @Test
  void await_childFails_throwsWithItsLog() throws IOException {
    try (Jvm jvm = Jvm.start("failing", List.of("-Xmx32m"), Failing.class, "no luck")) {
      assertThatThrownBy(() -> jvm.await("ready"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("failing ended before it printed a line with 'ready'")
          .hasMessageContaining("no luck");
    }
  }

  @Test
  void close_childTetheredThatNeverEnds_endsIt() throws IOException {
    Jvm jvm = Jvm.start("endless", List.of("-Xmx32m"), Tether.class, Endless.class.getName());
    jvm.await("ready");
    jvm.close();

    assertThat(jvm.process().isAlive()).isFalse();
    assertThat(jvm.process().exitValue()).isZero();
  }
}
