package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.cli.head.Typed;
import dev.grain.cli.head.Typed.Printed;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The workers of a head on the command line; they are node-a and node-b. */
final class NodeCommandsTest extends Served {
  private final Typed typed = new Typed();

  @BeforeEach
  void logIn() {
    typed
        .set("GRAIN_HEAD", "http://127.0.0.1:" + server.port())
        .set("XDG_CONFIG_HOME", folder.resolve("config").toString());
    become("root");
  }

  private void become(String user) {
    typed.set("GRAIN_TOKEN", Objects.requireNonNull(tokens.get(user)));
  }

  private Printed run(int code, String line) {
    Printed printed = typed.run(line);
    assertThat(printed.code()).as(line + printed.out() + printed.err()).isEqualTo(code);
    return printed;
  }

  @Test
  void nodes_areListed_withWhatIsFree() {
    become("eve");
    Printed printed = run(0, "nodes");
    assertThat(printed.lines())
        .containsExactly(
            "NAME    STATE      JOBS  CPU       MEMORY           GPU  SINCE                ADDRESS",
            "node-a  CONNECTED  3     2.5 of 8  1 GiB of 64 GiB       1970-01-01 00:00:00  10.0.0.7:4711",
            "node-b  CONNECTED  3     2.5 of 8  1 GiB of 64 GiB       1970-01-01 00:00:00  10.0.0.7:4711");
    assertThat(run(0, "nodes list").out()).isEqualTo(printed.out());
    assertThat(run(0, "list nodes").out()).isEqualTo(printed.out());
    // as the head tells it
    JsonNode told = get("eve", "/nodes").json().at("/nodes/0");
    String line = run(0, "nodes list --json").lines().getFirst();
    assertThat(new JsonMapper().readTree(line)).isEqualTo(told);
  }

  @Test
  void nodes_areDrainedAndKilled_byNamesAndPatterns() {
    assertThat(run(0, "nodes drain node-a").out()).isEqualTo("node-a: DRAINING\n");
    assertThat(run(0, "nodes kill id-of-node-b").out()).isEqualTo("node-b: DRAINING\n");
    assertThat(run(0, "nodes kill node-*").lines())
        .containsExactly("node-a: DRAINING", "node-b: DRAINING");
    Printed missing = run(1, "nodes drain --json gpu-* node-a");
    assertThat(missing.err())
        .isEqualTo("grain nodes drain: gpu-*: there is none. 'grain nodes' lists the workers.\n");
    assertThat(missing.lines()).hasSize(1);
    become("ada");
    assertThat(run(1, "nodes drain node-a").err()).contains("has the role submit");
  }
}
