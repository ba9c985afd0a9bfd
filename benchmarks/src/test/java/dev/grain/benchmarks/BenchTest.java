package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();

  /** Finds that two and two is what it was made with. */
  private record Adding(String name, int sum) implements Question {
    @Override
    public String asks() {
      return "What are two and two?";
    }

    @Override
    public void answer(Settings settings, Report report) {
      report.table(new Table("Sums", "of", "is").row("2+2", Integer.toString(sum)));
      report.ratio("two", "one", settings.quick() ? "quickly" : "slowly", 2);
      report.require(sum == 4, "2+2 is %s".formatted(sum));
    }
  }

  @Test
  void bench_everythingRight_printsTablesAndRatiosAndExitsWith0() {
    assertThat(run("right", "--quick")).isZero();
    assertThat(out())
        .containsExactly(
            "right: What are two and two?",
            "",
            "Sums",
            "  of   is",
            "  2+2   4",
            "",
            "ratio two/one quickly 2.00");
  }

  @Test
  void bench_allWithAWrongSum_asksEveryQuestionAndExitsWith1() {
    assertThat(run("all")).isEqualTo(1);
    assertThat(out())
        .contains("right: What are two and two?", "WRONG: 2+2 is 5", "ratio two/one slowly 2.00");
  }

  @Test
  void bench_unknownName_namesThoseThereAreAndExitsWith2() {
    assertThat(run("rigth")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("There is no question 'rigth'; ask right, wrong, or all of them by 'all'.");
  }

  @Test
  void bench_noName_exitsWith2() {
    assertThat(run()).isEqualTo(2);
  }

  private int run(String... arguments) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    CommandLine command =
        Bench.commandLine(List.of(new Adding("right", 4), new Adding("wrong", 5)), out);
    return command.setErr(new PrintWriter(errors, true)).execute(arguments);
  }

  private List<String> out() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
