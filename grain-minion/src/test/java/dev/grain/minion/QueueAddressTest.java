package dev.grain.minion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.BrokerAddress.Host;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as people write them. */
final class QueueAddressTest {
  private static BrokerAddress broker(String text) throws QueueException {
    return BrokerAddress.of(QueueAddress.parse(text), 6379);
  }

  @Test
  void broker_withAll() throws Exception {
    assertThat(broker("redis://me:p%40s+s%2F@a:7000,[::1]/the%20key/x?db=2"))
        .isEqualTo(
            new BrokerAddress(
                "me", "p@s+s/", List.of(new Host("a", 7000), new Host("::1", 6379)), "the key/x"));
  }

  @Test
  void broker_withLittle() throws Exception {
    Host here = new Host("localhost", 6379);
    assertThat(broker("redis:params"))
        .isEqualTo(new BrokerAddress(null, null, List.of(here), "params"));
    assertThat(broker("redis://:secret@b/k").password()).isEqualTo("secret");
    assertThat(broker("redis://:secret@b/k").user()).isNull();
    assertThat(broker("redis://b").path()).isEmpty();
  }

  @Test
  void broker_withErrors_isRefused() {
    assertThatThrownBy(() -> broker("redis://a:99999/k"))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("the host 'a:99999'")
        .hasMessageContaining("from 1 to 65535");
    assertThatThrownBy(() -> broker("redis:///k")).hasMessageContaining("the host ''");
    assertThatThrownBy(() -> broker("redis://u:p@h@b/k"))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("%40");
    assertThatThrownBy(() -> broker("redis://b/100%"))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("%25");
  }

  @Test
  void password_isNeverPrinted() {
    QueueAddress address = QueueAddress.parse("redis://me:secret@b:1/k?db=1");
    assertThat(address).hasToString("redis://me:***@b:1/k");
    assertThatThrownBy(() -> QueueAddress.parse("redis://me:secret@b:1/k?db"))
        .hasMessageContaining("db")
        .hasMessageNotContaining("secret");
    assertThat(QueueAddress.parse("redis://me@b:1/k")).hasToString("redis://me@b:1/k");
    for (String each : List.of("a:1", "a:1,b:2", "a,b:2", "[::1]:1", "[::1]", "a")) {
      assertThat(QueueAddress.parse("redis://" + each)).hasToString("redis://" + each);
      assertThat(QueueAddress.parse("redis://" + each + "/k"))
          .hasToString("redis://" + each + "/k");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"xy@zw", "xy/zw", "xy?zw", "xy?a=zw", "@xyzw"})
  void password_withWhatMustBeEncoded_isNeverPrinted(String password) {
    assertThatThrownBy(() -> broker("redis://me:" + password + "@b/k"))
        .satisfies(
            e -> assertThat(e.toString()).contains("redis://me:***").doesNotContain("xy", "zw"));
  }

  @Test
  void parameters_unknownOrWrong_areRefused() throws Exception {
    QueueAddress address = QueueAddress.parse("redis:k?leese=3s&idle=x&age=2h");
    assertThatThrownBy(() -> address.ensureOnly("lease", "idle", "age"))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "The address redis:k has the unknown parameter 'leese'; did you mean 'lease'? Known are lease, idle, age.");
    assertThatThrownBy(() -> address.time("idle", Duration.ZERO))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("idle=x: write a whole number");
    assertThat(address.time("age", Duration.ZERO)).isEqualTo(Duration.ofHours(2));
    assertThat(address.time("none", Duration.ZERO)).isEqualTo(Duration.ZERO);
  }
}
