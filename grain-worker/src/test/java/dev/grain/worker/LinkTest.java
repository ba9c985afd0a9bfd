package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head and a worker on two networks, with a bad cable between them. */
final class LinkTest {
  /** What a library logs where no network device has an address of its hardware. */
  private static final String NO_HARDWARE = "Failed to find a usable hardware address";

  private static final String SUSPICION = "-Ddev.grain.suspicion=1000";

  @TempDir private Path folder;

  private Launcher startHead(Namespaces networks, Cluster cluster, String jobs) throws IOException {
    List<String> command = new ArrayList<>(networks.inside(1));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", SUSPICION, "-cp"));
    // nothing but what the jobs need, as it has to go over the cable
    command.add(Cluster.workerClassPath() + ":" + LinkProgram.classes());
    command.add(LinkProgram.class.getName());
    command.addAll(List.of(cluster.key().toString(), Namespaces.SECOND + ":4242", jobs));
    return Launcher.start(folder, Map.of(), command);
  }

  private void assertAllRight(Launcher head, Cluster cluster) throws Exception {
    assertThat(head.line()).as(head.errors()).isEqualTo("all right");
    assertThat(head.exitCode()).as(head.errors()).isZero();
    assertThat(head.errors().lines())
        .allMatch(line -> line.contains(NO_HARDWARE) || line.contains("defaultMachineId"));
    Checker.assertEndsCleanly(cluster, NO_HARDWARE);
  }

  @Test
  void cutCable_thatHeals_costsNothing() throws Exception {
    try (Namespaces networks = Namespaces.make();
        Cluster cluster = new Cluster(folder, "512m", SUSPICION)) {
      WorkerProcess worker = cluster.startInside(networks.inside(2), Namespaces.SECOND);
      try (Launcher head = startHead(networks, cluster, "1000")) {
        assertThat(head.line()).as(head.errors()).isEqualTo("half");
        networks.cut();
        worker.awaitLog("is unreachable");
        networks.carry(0, 0);
        assertAllRight(head, cluster);
      }
    }
  }

  @Test
  void slowCable_thatLosesPackets_onlyTakesLonger() throws Exception {
    try (Namespaces networks = Namespaces.make();
        Cluster cluster = new Cluster(folder)) {
      networks.carry(50, 5);
      cluster.startInside(networks.inside(2), Namespaces.SECOND);
      try (Launcher head = startHead(networks, cluster, "200")) {
        assertThat(head.line()).as(head.errors()).isEqualTo("half");
        assertAllRight(head, cluster);
      }
    }
  }
}
