package dev.grain.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class ContainerSettingTest {
  @Test
  void encoded_isReadAsItWas() throws IOException {
    SequencedMap<String, String> environment = new LinkedHashMap<>();
    environment.put("B", "größe=2\n");
    environment.put("A", "");
    ContainerSetting setting =
        new ContainerSetting(
            "registry.example.org/team/train@sha256:12",
            true,
            List.of(
                new ContainerSetting.Mount("/data", "/in", true),
                new ContainerSetting.Mount("/out", "/out", false)),
            environment,
            "none",
            "1000:1000",
            List.of("NET_RAW", "SYS_NICE"),
            true,
            1L << 40);
    ContainerSetting read = ContainerSetting.decode(setting.encode());
    assertThat(read).isEqualTo(setting);
    assertThat(read.environment().sequencedKeySet()).containsExactly("B", "A");
    ContainerSetting plain = ContainerSetting.of("busybox", false);
    assertThat(ContainerSetting.decode(plain.encode())).isEqualTo(plain);
  }

  @Test
  void bytesOfSomethingElse_areRefused() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ContainerSetting.decode(Bytes.utf8("something else")));
  }
}
