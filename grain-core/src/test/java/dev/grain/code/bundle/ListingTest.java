package dev.grain.code.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTest {
  private static final Listing LISTING =
      new Listing(
          List.of(
              new Listing.Entry(Listing.Kind.JAR, "a.jar", 5, hash(7), "/x/a.jar"),
              new Listing.Entry(Listing.Kind.ABSENT, "B", 0, Bytes.empty(), "made")));

  private static final String ENCODED =
      "000e" // "grain bundle 1"
          + "677261696e2062756e646c652031"
          + "00000002"
          + "00034a4152" // JAR
          + "0005612e6a6172"
          + "0000000000000005"
          + "20"
          + "07".repeat(32)
          + "00082f782f612e6a6172"
          + "0006414253454e54" // ABSENT
          + "000142"
          + "0000000000000000"
          + "00"
          + "00046d616465";

  private static Bytes hash(int each) {
    byte[] bytes = new byte[Sha256.LENGTH];
    Arrays.fill(bytes, (byte) each);
    return Bytes.of(bytes);
  }

  private static Bytes bytes(String hex) {
    return Bytes.of(HexFormat.of().parseHex(hex));
  }

  @Test
  void encoded_isAlwaysTheSame() throws IOException {
    assertThat(HexFormat.of().formatHex(LISTING.encode().stream().readAllBytes()))
        .isEqualTo(ENCODED);
    assertThat(Listing.decode(bytes(ENCODED))).isEqualTo(LISTING);
  }

  @Test
  void damaged_isRefusedWithASentence() {
    for (int length = 0; length < ENCODED.length(); length += 2) {
      String cut = ENCODED.substring(0, length);
      assertThatThrownBy(() -> Listing.decode(bytes(cut)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("A listing of code ");
    }
    assertThatThrownBy(() -> Listing.decode(bytes(ENCODED.replace("652031", "652032"))))
        .hasMessageContaining("'grain bundle 2', and 'grain bundle 1' is known here");
    assertThatThrownBy(() -> Listing.decode(bytes(ENCODED.replace("4a4152", "4a4153"))))
        .hasMessageContaining("unknown kind JAS");
    assertThatThrownBy(() -> Listing.decode(bytes(ENCODED.replace("00000002", "7fffffff"))))
        .hasMessageContaining("2147483647 entries");
  }
}
