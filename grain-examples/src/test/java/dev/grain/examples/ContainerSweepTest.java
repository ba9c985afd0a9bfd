package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** With a container engine, the program is run by the tests of the worker, which start one. */
class ContainerSweepTest {
  @Test
  void main_withoutAnEngine_saysWhatToDo() {
    Map<String, String> nowhere = Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock");

    Program program = Program.start(ContainerSweep.class, nowhere, "busybox");

    assertThat(program.status()).isNotZero();
    assertThat(program.error()).anyMatch(line -> line.contains("start Docker or Podman"));
  }
}
