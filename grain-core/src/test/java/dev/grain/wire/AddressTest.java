package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "node1:4242, node1, 4242",
    "' 10.0.0.7:1 ', 10.0.0.7, 1",
    "localhost:0, localhost, 0",
    "[fd00::7]:65535, fd00::7, 65535"
  })
  void parse_ofAddress_reads(String text, String host, int port) {
    Address address = Address.parse(text);

    assertThat(address).isEqualTo(new Address(host, port));
    assertThat(Address.parse(address.toString())).isEqualTo(address);
    assertThat(address).hasToString(text.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "node1",
        "node1:",
        ":4242",
        "[]:4242",
        "[fd00::7]",
        "fd00::7:4242",
        "node1:http",
        "node1:-1",
        "node1:65536",
        "node1:99999999999"
      })
  void parse_ofSomethingElse_showsHowToWriteIt(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Address.parse(text))
        .withMessageContaining("\"" + text + "\"")
        .withMessageContaining("node1:4242");
  }

  @Test
  void constructor_ofPortOutOfRange_saysSo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Address("node1", 70_000))
        .withMessageContaining("70000");
  }
}
