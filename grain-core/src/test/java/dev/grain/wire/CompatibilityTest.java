package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.session.WireException;
import dev.grain.wire.Hello.Role;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

final class CompatibilityTest {
  @Test
  void check_ofSameMinorRelease_passes() throws WireException {
    assertThat(Compatibility.check(head("0.1.0", 25, "k"), worker("0.1.7-SNAPSHOT", 25, "k")))
        .isNull();
    assertThat(Compatibility.check(head("1.0.0", 25, "k"), worker("1.4.2", 25, "k"))).isNull();
  }

  @Test
  void check_ofOtherMinorRelease_namesBothAndWhatToDo() throws WireException {
    assertThat(Compatibility.check(head("0.1.4", 25, "k"), worker("0.2.0", 25, "k")))
        .isEqualTo(
            new Refusal(
                Refusal.Code.VERSION,
                "head h and worker w are not compatible: they run Grain 0.1.4 and Grain "
                    + "0.2.0. Before 1.0, both must be the same minor release. Install 0.1.x or "
                    + "0.2.x on both."));
  }

  @Test
  void check_ofOtherJava_namesBoth() throws WireException {
    assertVersion(head("0.1.0", 25, "k"), worker("0.1.0", 26, "k"), "on Java 25 and Java 26");
  }

  @Test
  void check_ofOtherCodec_namesBoth() throws WireException {
    assertVersion(head("0.1.0", 25, "k5"), worker("0.1.0", 25, "k6"), "k5 and k6");
  }

  @Test
  void check_ofOtherProtocol_namesBoth() throws WireException {
    assertVersion(
        head("0.1.0", 25, "k"),
        hello(Role.WORKER, "w", "0.9.0", 25, "k", 3, 4),
        "1 to 1 and 3 to 4");
    assertThat(
            Compatibility.check(
                head("0.1.0", 25, "k"), hello(Role.WORKER, "w", "0.1.9", 25, "k", 1, 4)))
        .isNull();
  }

  @Test
  void check_ofAPeerWithTheFirstProtocol_refusesIt() throws WireException {
    assertVersion(
        Hello.of(Role.HEAD, "0.1.0", "k"),
        hello(Role.WORKER, "w", "0.1.0", Runtime.version().feature(), "k", 1, 1),
        "they use protocol versions 2 to 2 and 1 to 1 (Grain 0.1.0 and Grain 0.1.0). "
            + "Install the same release on both.");
  }

  @Test
  void check_ofTwoHeadsOrTwoWorkers_saysWhoDialsWhom() throws WireException {
    assertThat(Compatibility.check(head("0.1.0", 25, "k"), head("0.1.0", 25, "k")))
        .isEqualTo(
            new Refusal(
                Refusal.Code.OTHER,
                "head h connected to head h, but a head can connect only to workers. Name the "
                    + "address of a worker."));
    assertThat(Compatibility.check(worker("0.1.0", 25, "k"), worker("0.1.0", 25, "k")))
        .isEqualTo(
            new Refusal(
                Refusal.Code.OTHER,
                "worker w connected to worker w, but a worker can connect only to heads. Name an "
                    + "address where a head listens."));
  }

  @Test
  void check_ofInspector_asksForNoJava() throws WireException {
    Hello inspector = hello(Role.INSPECTOR, "", "0.1.0", 26, "", 1, 1);

    assertThat(Compatibility.check(inspector, worker("0.1.0", 25, "k"))).isNull();
  }

  private static void assertVersion(Hello dialing, Hello accepting, String difference) {
    assertThat(Compatibility.check(dialing, accepting))
        .isNotNull()
        .satisfies(refusal -> {
          assertThat(refusal.reason()).isEqualTo(Refusal.Code.VERSION);
          assertThat(refusal.sentence()).contains(difference);
        });
  }

  private static Hello head(String release, int java, String codec) throws WireException {
    return hello(Role.HEAD, "h", release, java, codec, 1, 1);
  }

  private static Hello worker(String release, int java, String codec) throws WireException {
    return hello(Role.WORKER, "w", release, java, codec, 1, 1);
  }

  private static Hello hello(
      Role role, String name, String release, int java, String codec, int min, int max)
      throws WireException {
    SequencedMap<String, Bytes> fields = new LinkedHashMap<>();
    fields.put("role", bytes(role.name()));
    fields.put("name", bytes(name));
    fields.put("release", bytes(release));
    fields.put("java", bytes(Integer.toString(java)));
    fields.put("codec", bytes(codec));
    return Hello.of(min, max, 0, fields);
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
