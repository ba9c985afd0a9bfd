package dev.grain.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses of queues, as people write them. */
final class PlaceTest {
  private static Place place(String text) throws QueueException {
    return Place.of(QueueAddress.parse(text), QueueSettings.DEFAULTS);
  }

  @Test
  void of_shortAddress_hasTheUsual() throws Exception {
    Place place = place("pulsar://broker/params");
    assertThat(place.service()).isEqualTo("pulsar://broker:6650");
    assertThat(place.topic()).isEqualTo("persistent://public/default/params");
    assertThat(place.subscription()).isEqualTo("grain");
    assertThat(place.admin()).isEqualTo(URI.create("http://broker:8080"));
    assertThat(place.idle()).isEqualTo(Duration.ofSeconds(30));
    assertThat(place).hasToString("pulsar://broker:6650/params?subscription=grain");
  }

  @Test
  void of_addressOfOldVariables_isRead() throws Exception {
    Place place = place("pulsar://localhost:6650/persistent://acme/lab/sweeps?subscription=s");
    assertThat(place.topic()).isEqualTo("persistent://acme/lab/sweeps");
    assertThat(place.subscription()).isEqualTo("s");
  }

  @Test
  void of_severalBrokers_areAllKept() throws Exception {
    assertThat(place("pulsar+ssl://a,b:7000/t").service()).isEqualTo("pulsar+ssl://a:6651,b:7000");
    assertThat(place("pulsar+ssl://a,b:7000/t").admin()).isEqualTo(URI.create("https://a:8443"));
  }

  @Test
  void of_userAndPassword_areDecoded_andNotPrinted() throws Exception {
    Place place = place("pulsar://me:p%40ss+%2F@broker/params");
    assertThat(place.user()).isEqualTo("me");
    assertThat(place.password()).isEqualTo("p@ss+/");
    assertThat(place.toString()).doesNotContain("me", "p@ss", "p%40ss");
    assertThatThrownBy(() -> place("pulsar://me:secret@broker/params?idel=3s"))
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pulsar://broker/t?subscripton=s      | has the unknown parameter 'subscripton'; did you mean 'subscription'?
          pulsar:topic                         | write pulsar://HOST:6650/TOPIC?subscription=NAME
          pulsar://broker/                     | write pulsar://HOST:6650/TOPIC?subscription=NAME
          pulsar://broker/a/b                  | write the topic as TOPIC or TENANT/NAMESPACE/TOPIC
          pulsar://broker/non-persistent://a/b/c | the topic is not persistent, so items would be lost
          pulsar://broker/t?idle=soon          | has idle=soon: write a whole number and ms, s, m, h or d
          pulsar://broker/t?counts=some        | 'counts' is 'some'; write kept or broker
          pulsar://broker/t?partitions=-1      | 'partitions' is '-1'; write a number
          pulsar://broker/t?admin=broker:8080  | 'broker:8080' is no address of the HTTP API
          """)
  void of_wrongAddress_saysWhatToWrite(String text, String words) {
    assertThatThrownBy(() -> place(text))
        .isInstanceOf(QueueException.class)
        .hasMessageStartingWith("The address pulsar:")
        .hasMessageContaining(words);
  }

  @Test
  void of_lease_isRefused() {
    QueueSettings settings = new QueueSettings(Duration.ofSeconds(5), Map.of());
    assertThatThrownBy(() -> Place.of(QueueAddress.parse("pulsar://broker/t"), settings))
        .hasMessageContaining("items stay with a minion as long as its connection lives");
  }
}
