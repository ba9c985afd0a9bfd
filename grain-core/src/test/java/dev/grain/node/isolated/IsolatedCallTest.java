package dev.grain.node.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class IsolatedCallTest {
  @Test
  void call_thatWasEncoded_isTheSame() throws IOException {
    Allocation allocation =
        new Allocation(
            List.of(3, 1),
            List.of("GPU-8f", "0"),
            1L << 40,
            Map.of("cpu", 1.5, "LICENCE", 2.0),
            Map.of("LICENCE", List.of("größe", "2"), "FPGA", List.of("0")),
            "nœud");
    for (IsolatedCall call :
        List.of(
            new IsolatedCall(allocation, Bytes.utf8("input")),
            new IsolatedCall(
                new Allocation(List.of(), List.of(), 0, Map.of(), "local"), Bytes.empty()))) {
      IsolatedCall decoded = IsolatedCall.decode(call.encode());
      assertThat(decoded).isEqualTo(call);
      assertThat(decoded.allocation().customIds()).isEqualTo(call.allocation().customIds());
    }
  }
}
