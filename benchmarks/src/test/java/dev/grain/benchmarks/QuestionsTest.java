package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Asks questions about as little as possible: whether it is answered, not how. */
class QuestionsTest {
  @Test
  void throughput_grainAndBare_comparesThem() {
    assertThat(bench(new Throughput(), "--only=grain,bare", "--variant=empty", "--jobs=100"))
        .anyMatch(line -> line.matches("ratio grain/bare throughput \\d+\\.\\d\\d"));
  }

  @Test
  void latency_overTls_comparesThem() {
    assertThat(bench(new Latency(), "--only=grain-tls,bare-tls", "--jobs=10"))
        .anyMatch(line -> line.matches("ratio grain-tls/bare-tls latency-p99\\.9 \\d+\\.\\d\\d"));
  }

  @Test
  void bulk_oneSize_comparesBothWays() {
    assertThat(bench(new Bulk(), "--variant=1MiB", "--only=grain,raw"))
        .anyMatch(line -> line.matches("ratio grain/raw bulk-argument-1MiB \\d+\\.\\d\\d"))
        .anyMatch(line -> line.matches("ratio grain/raw bulk-result-1MiB \\d+\\.\\d\\d"));
  }

  @Test
  void journal_emptyJobs_comparesWithAndWithout() {
    assertThat(bench(new Journal(), "--variant=empty,latency", "--jobs=100"))
        .anyMatch(line -> line.matches("ratio grain-journal/grain throughput \\d+\\.\\d\\d"))
        .anyMatch(line -> line.matches("ratio grain-journal/grain latency-p99 \\d+\\.\\d\\d"));
  }

  @Test
  void commands_besideALoop_comparesThem() {
    assertThat(bench(new Commands(), "--only=grain,builder", "--jobs=20"))
        .anyMatch(line -> line.matches("ratio grain/builder spawn-rate \\d+\\.\\d\\d"));
  }

  @Test
  void isolated_fewCalls_comparesThem() {
    assertThat(bench(new Isolated(), "--jobs=10"))
        .anyMatch(line -> line.matches("ratio isolated/worker call-p50 \\d+\\.\\d\\d"))
        .anyMatch(line -> line.matches("ratio isolated cold/java Hello start \\d+\\.\\d\\d"));
  }

  @Test
  void minions_onAFolder_comparesThem() {
    assertThat(bench(new Minions(), "--variant=file", "--jobs=20"))
        .anyMatch(line -> line.matches("ratio grain/by-hand minions-function-file \\d+\\.\\d\\d"))
        .anyMatch(line -> line.matches("ratio grain/by-hand minions-command-file \\d+\\.\\d\\d"));
  }

  @Test
  void head_fewJobs_comparesSubmissions_andLists() {
    assertThat(bench(new SharedHead(), "--jobs=100"))
        .anyMatch(line -> line.matches("ratio grain/sqlite head-submissions-64 \\d+\\.\\d\\d"))
        .anyMatch(line -> line.matches(" *counts by state +\\d+\\.\\d\\d +\\d+\\.\\d\\d"));
  }

  @Test
  void minionKills_fewItems_losesNone() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    int code = MinionKills.commandLine(out).execute("--items=2000", "--minions=2", "--kills=2");
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.matches(" *2,000 +\\d +\\d+ +0 +0 +\\S+"));
    assertThat(code).isZero();
  }

  /** Returns what it prints. */
  private static List<String> bench(Question question, String... options) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    String[] arguments = new String[options.length + 3];
    arguments[0] = question.name();
    arguments[1] = "--quick";
    arguments[2] = "--rounds=1";
    System.arraycopy(options, 0, arguments, 3, options.length);
    assertThat(Bench.commandLine(List.of(question), out).execute(arguments)).isZero();
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
