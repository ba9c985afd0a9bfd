package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.grain.bytes.Bytes;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import dev.grain.message.Work;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent to workers about the jobs of a program, and about its run. */
final class TemplatesTest {
  private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
  private static final long A_LIFETIME = Duration.ofDays(70 * 365).toNanos();

  private Run run = Run.open(RunOptions.defaults().cancelGrace(Duration.ofMillis(3)));

  @AfterEach
  void close() {
    run.close(true);
  }

  private Order.Limits limits(Request request) {
    JobBody.Encoded body =
        new JobBody.Encoded(Work.Kind.CALL, Bytes.utf8("f"), Bytes.empty(), Bytes.empty());
    return new Templates(run).of(request, body).template().spec().limits();
  }

  @Test
  void limits_areThoseOfTheJobAndTheCancelGraceOfTheRun() {
    assertThat(limits(cpu(1))).isEqualTo(new Order.Limits(0, 3_000_000));
    assertThat(limits(JobOptions.of(cpu(1)).timeout(Duration.ofNanos(7))))
        .isEqualTo(new Order.Limits(7, 3_000_000));
    assertThat(limits(cpu(1).and(wallTime(Duration.ofSeconds(1), Duration.ofSeconds(2)))))
        .isEqualTo(new Order.Limits(2_000_000_000, 3_000_000));
  }

  @Test
  void limits_longerThanAnybodyWaits_areTakenAsSuch() {
    run.close(true);
    run = Run.open(RunOptions.defaults().cancelGrace(FOR_EVER).noWorkers(FOR_EVER));

    Order.Limits limits = limits(JobOptions.of(cpu(1)).timeout(FOR_EVER));

    assertThat(limits.time()).isGreaterThan(A_LIFETIME);
    assertThat(limits.cancelGrace()).isGreaterThan(A_LIFETIME);
  }

  @Test
  void tag_whoseLookUpWasInterrupted_isLookedUpForTheNextJob() throws Exception {
    byte[] manifest = "{\"schemaVersion\": 2}".getBytes(StandardCharsets.UTF_8);
    // of the line above, by sha256sum
    String digest = "sha256:c5d902c53b4afcf32ad746fd9d696431650d3fbe8f7b10ca10519543fefd772c";
    HttpServer registry =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/v2/train/manifests/1",
        exchange -> {
          exchange.sendResponseHeaders(200, manifest.length);
          exchange.getResponseBody().write(manifest);
          exchange.close();
        });
    registry.start();
    try {
      String image = "127.0.0.1:" + registry.getAddress().getPort() + "/train";
      JobOptions options = JobOptions.of(cpu(1)).in(Isolation.container(image, "1"));
      Templates templates = new Templates(run);
      JobBody.Encoded body =
          new JobBody.Encoded(Work.Kind.COMMAND, Bytes.utf8("x"), Bytes.empty(), Bytes.empty());

      Thread.currentThread().interrupt();
      Order.Setting interrupted = templates.of(options, body).template().spec().setting();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Needs.decode(interrupted.needs()).origin()).isInstanceOf(Needs.Unknown.class);

      Order.Setting next = templates.of(options, body).template().spec().setting();
      assertThat(next.isolation())
          .isEqualTo(
              dev.grain.message.Isolation.Container.of(
                  ContainerSetting.of(image + ":1@" + digest, false)));
    } finally {
      registry.stop(0);
    }
  }

  @Test
  void groupTimeout_longerThanAnybodyWaits_isNoTimeout() {
    Group group = Group.open(run, GroupOptions.defaults().timeout(FOR_EVER));
    assertThat(group.nesting().isCancelled()).isFalse();
    group.close();
  }
}
