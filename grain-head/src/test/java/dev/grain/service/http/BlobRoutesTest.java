package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.blob.BlobHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blobs by HTTP. */
final class BlobRoutesTest extends Served {
  private static final byte[] BYTES = bytes();
  private static final String PATH = "/blobs/" + BlobHash.of(BYTES);

  private static byte[] bytes() {
    byte[] bytes = new byte[300_000];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private Answer head() {
    return send(request("eve", PATH).method("HEAD", BodyPublishers.noBody()));
  }

  private Answer put(byte[] bytes) {
    return send(request("ada", PATH).PUT(BodyPublishers.ofByteArray(bytes)));
  }

  private Answer put(int from, int to, String range) {
    HttpRequest.Builder request = request("ada", PATH).header("Content-Range", range);
    return send(request.PUT(BodyPublishers.ofByteArray(Arrays.copyOfRange(BYTES, from, to))));
  }

  private Answer range(String range) {
    return send(request("eve", PATH).header("Range", range));
  }

  @Test
  void put_ofAWholeBlob_isThere() {
    assertThat(head().status()).isEqualTo(404);
    assertThat(head().header("Grain-Arrived")).isEqualTo("0");
    get("eve", PATH).problem(404, "not-found");
    put(BYTES).ensure(201);
    put(BYTES).ensure(200);
    assertThat(head().ensure(200).header("Content-Length")).isEqualTo("300000");
    Answer got = get("eve", PATH).ensure(200);
    assertThat(got.bytes()).isEqualTo(BYTES);
    assertThat(got.header("Content-Disposition")).isEqualTo("attachment");
  }

  @Test
  void put_ofAnUnknownLength_isThere() {
    send(request("ada", PATH)
            .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BYTES))))
        .ensure(201);
    assertThat(get("eve", PATH).bytes()).isEqualTo(BYTES);
  }

  @Test
  void put_inParts_isThereAfterTheLast() {
    assertThat(put(0, 100, "bytes 0-99/300000").ensure(202).header("Grain-Arrived"))
        .isEqualTo("100");
    assertThat(head().header("Grain-Arrived")).isEqualTo("100");
    get("eve", PATH).problem(404, "not-found");
    Answer gap = put(200, 300, "bytes 200-299/300000");
    assertThat(gap.problem(409, "wrong-offset")).contains("100 bytes have arrived");
    assertThat(gap.json().at("/arrived").asLong()).isEqualTo(100);
    put(100, 300_000, "bytes 100-299999/300000").ensure(201);
    assertThat(get("eve", PATH).bytes()).isEqualTo(BYTES);
  }

  @Test
  void put_ofOtherBytes_leavesNothing() {
    assertThat(put(new byte[] {1, 2, 3}).problem(422, "wrong-hash")).contains("was removed");
    assertThat(head().header("Grain-Arrived")).isEqualTo("0");
  }

  @Test
  void put_ofAPartThatDisagrees_isRefused() {
    for (String wrong :
        List.of(
            "bytes 0-99/99",
            "bytes 5-4/300000",
            "bytes */300000",
            "bytes 0-99/*",
            "0-99/300000",
            "bytes 0-98/300000",
            "bytes 0-9999999999999999999/99999999999999999999")) {
      assertThat(put(0, 100, wrong).problem(400, "bad-request")).contains("Content-Range");
    }
    // more or fewer than named, which is found out when they have come
    for (String wrong : List.of("bytes 0-98/300000", "bytes 0-100/300000")) {
      send(request("ada", PATH)
              .header("Content-Range", wrong)
              .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BYTES, 0, 100))))
          .problem(400, "bad-request");
    }
  }

  @Test
  void put_whoseCallerGoesAway_goesOnWhereItStopped() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "PUT /api/v1%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 300000\r\n\r\n"
              .formatted(PATH, tokens.get("ada"))
              .getBytes(StandardCharsets.US_ASCII));
      out.write(BYTES, 0, 100_000);
    }
    int arrived = 0;
    while (arrived < 100_000) {
      arrived = Integer.parseInt(head().header("Grain-Arrived"));
      nanos.addAndGet(1_000_000_000);
    }
    put(arrived, 300_000, "bytes %s-299999/300000".formatted(arrived)).ensure(201);
    assertThat(get("eve", PATH).bytes()).isEqualTo(BYTES);
  }

  @Test
  void get_ofARange_isThatPart() {
    put(BYTES).ensure(201);
    Answer part = range("bytes=10-19").ensure(206);
    assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(BYTES, 10, 20));
    assertThat(part.header("Content-Range")).isEqualTo("bytes 10-19/300000");
    assertThat(range("bytes=299990-").ensure(206).bytes())
        .isEqualTo(Arrays.copyOfRange(BYTES, 299_990, 300_000));
    assertThat(range("bytes=-5").ensure(206).bytes())
        .isEqualTo(Arrays.copyOfRange(BYTES, 299_995, 300_000));
    assertThat(range("bytes=0-99999999").ensure(206).bytes()).isEqualTo(BYTES);
    Answer behind = range("bytes=300000-");
    behind.problem(416, "range-not-satisfiable");
    assertThat(behind.header("Content-Range")).isEqualTo("bytes */300000");
    range("bytes=-0").problem(416, "range-not-satisfiable");
    for (String ignored : List.of("bytes=0-1,5-6", "bytes=5-4", "bytes=-", "lines=1-2")) {
      assertThat(range(ignored).ensure(200).bytes()).isEqualTo(BYTES);
    }
  }

  @Test
  void blob_withAnotherName_isRefused() {
    for (String wrong : List.of("abc", "A".repeat(64), "..", "..%2F..%2Fetc", "g".repeat(64))) {
      int status = get("eve", "/blobs/" + wrong).status();
      assertThat(status).isIn(400, 404);
    }
    assertThat(get("eve", "/blobs/abc").problem(400, "bad-request")).contains("sha256sum");
    send(request("eve", PATH).PUT(BodyPublishers.ofByteArray(BYTES))).problem(403, "forbidden");
  }
}
