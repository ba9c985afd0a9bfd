package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is told of workers; {@code HeadTest} has real ones end. */
final class NodeRoutesTest extends Served {
  @Test
  void list_hasWhatEachWorkerOffers_andWhatIsFree() {
    Answer answer = get("eve", "/nodes").ensure(200);
    assertThat(answer.json().at("/nodes").size()).isEqualTo(2);
    assertThat(answer.text("/nodes/0/name")).isEqualTo("node-a");
    assertThat(answer.text("/nodes/0/state")).isEqualTo("CONNECTED");
    assertThat(answer.text("/nodes/0/since")).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(answer.json().at("/nodes/0/cpu/free").asDouble()).isEqualTo(2.5);
    // bytes have no point
    assertThat(answer.json().at("/nodes/0/memory").toString())
        .isEqualTo("{\"total\":68719476736,\"free\":1073741824}");
    assertThat(answer.json().at("/nodes/0/others/port/total").asInt()).isEqualTo(10);
    assertThat(answer.json().at("/nodes/0/gpus").isMissingNode()).isTrue();
  }

  @Test
  void drainAndKill_areForAdmins_andLeaveALineOfAudit() {
    post("ada", "/nodes/node-a/drain", "").problem(403, "forbidden");
    post("ada", "/nodes/node-a/kill", "").problem(403, "forbidden");
    assertThat(get("root", "/audit?limit=1").text("/lines/0/action")).isEqualTo("token.create");
    Answer drained = post("root", "/nodes/node-a/drain", "").ensure(200);
    assertThat(drained.text("/state")).isEqualTo("DRAINING");
    assertThat(get("root", "/audit?limit=1").text("/lines/0/action")).isEqualTo("node.drain");
    Answer killed = post("root", "/nodes/id-of-node-b/kill", "").ensure(200);
    assertThat(killed.text("/name")).isEqualTo("node-b");
    assertThat(get("root", "/audit?limit=1").text("/lines/0/action")).isEqualTo("node.kill");
  }

  @Test
  void drain_ofAWorkerThatIsNotThere_isRefused() {
    assertThat(post("root", "/nodes/node-c/drain", "").problem(404, "not-found"))
        .contains("There is no worker \"node-c\"");
    assertThat(get("root", "/audit?limit=1").text("/lines/0/action")).isEqualTo("token.create");
  }
}
