package dev.grain.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
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
  void of_addressOfOldVariables_isRead() throws Exception {
    Place place = place("pubsub:my-project/params?topic=sweeps");
    assertThat(place.subscriptionName()).isEqualTo("projects/my-project/subscriptions/params");
    assertThat(place.topicName()).isEqualTo("projects/my-project/topics/sweeps");
    assertThat(place.deadTopicName()).isEqualTo("projects/my-project/topics/params-dead");
    assertThat(place).hasToString("pubsub:my-project/params?topic=sweeps");
  }

  @Test
  void of_shortAddress_hasTheUsual() throws Exception {
    Place place = place("pubsub:my-project/params");
    assertThat(place.topicName()).isEqualTo("projects/my-project/topics/params");
    assertThat(place.lease()).isNull();
    assertThat(place.idle(Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(40));
    assertThat(place.emulator()).isNull();
  }

  @Test
  void of_variableOfTheEmulator_isUsed_unlessTheAddressHasOne() throws Exception {
    QueueSettings settings =
        new QueueSettings(Duration.ofSeconds(5), Map.of("PUBSUB_EMULATOR_HOST", "here:8085"));
    Place place = Place.of(QueueAddress.parse("pubsub:p/params"), settings);
    assertThat(place.emulator()).isEqualTo("here:8085");
    assertThat(place.lease()).isEqualTo(Duration.ofSeconds(5));
    QueueAddress other = QueueAddress.parse("pubsub:p/params?emulator=there:1&lease=1m");
    assertThat(Place.of(other, settings).emulator()).isEqualTo("there:1");
    assertThat(Place.of(other, settings).lease()).isEqualTo(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pubsub:p/params?topik=t     | has the unknown parameter 'topik'; did you mean 'topic'?
          pubsub:params               | write pubsub:PROJECT/SUBSCRIPTION?topic=TOPIC
          pubsub:p/a                  | 'a' is no id of a subscription: these have 3 to 255 letters
          pubsub:p/params?topic=1     | '1' is no id of a topic
          pubsub:p/params?lease=11m   | a lease is from 1s to 600s
          pubsub:p/params?lease=500ms | a lease is from 1s to 600s
          pubsub:p/params?idle=1      | has idle=1: write a whole number and ms, s, m, h or d
          pubsub:p/params?emulator=no | the emulator is 'no'; write HOST:PORT
          """)
  void of_wrongAddress_saysWhatToWrite(String text, String words) {
    assertThatThrownBy(() -> place(text))
        .isInstanceOf(QueueException.class)
        .hasMessageStartingWith("The address pubsub:")
        .hasMessageContaining(words);
  }
}
