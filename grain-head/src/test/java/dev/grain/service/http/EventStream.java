package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A listener with a socket of its own, which reads no more than it is told to. For one thread. */
final class EventStream implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int LONG_MILLIS = 300_000;

  private final Socket socket = new Socket();
  private final BufferedReader in;
  private final String status;

  private String id = "";

  /** An event. */
  record Event(String id, String event, JsonNode data) {
    String text(String pointer) {
      return data.at(pointer).asString("");
    }

    /** Returns what has become of which job. */
    String told() {
      return event.equals("job") ? text("/id") + " " + text("/state") : event;
    }
  }

  /**
   * Asks for events.
   *
   * @param buffer how many bytes wait in the socket, about; 0 for as many as usual
   */
  EventStream(int port, String token, String path, List<String> headers, int buffer)
      throws IOException {
    if (buffer > 0) {
      socket.setReceiveBufferSize(buffer);
    }
    socket.setSoTimeout(LONG_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    // of HTTP/1.0, the body ends with the connection and is not chunked
    List<String> lines =
        new ArrayList<>(
            List.of("GET /api/v1" + path + " HTTP/1.0", "Authorization: Bearer " + token));
    lines.addAll(headers);
    socket.getOutputStream().write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(UTF_8));
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8), 512);
    status = String.valueOf(in.readLine());
    String line = in.readLine();
    while (line != null && !line.isEmpty()) {
      line = in.readLine();
    }
  }

  /** Returns the first line of the answer. */
  String status() {
    return status;
  }

  /** Returns the id that was sent last. */
  String id() {
    return id;
  }

  /** Returns the next event, after those before; empty at the end. */
  Optional<Event> next() throws IOException {
    String event = "";
    String data = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int colon = line.indexOf(':');
      String value = line.substring(Math.min(line.length(), colon + 2));
      if (line.isEmpty() && !data.isEmpty()) {
        return Optional.of(new Event(id, event, MAPPER.readTree(data)));
      } else if (line.startsWith("id:")) {
        id = value;
      } else if (line.startsWith("event:")) {
        event = value;
      } else if (line.startsWith("data:")) {
        data = value;
      }
    }
    return Optional.empty();
  }

  /** Reads what comes before the first event. */
  EventStream begin() throws IOException {
    while (id.isEmpty()) {
      readLine();
    }
    return this;
  }

  /** Reads a line that may be an id. */
  void readLine() throws IOException {
    String line = in.readLine();
    if (line == null) {
      throw new IOException("The stream has ended: " + status);
    }
    if (line.startsWith("id: ")) {
      id = line.substring(4);
    }
  }

  /** Reads until something is told, and returns all of it. */
  List<String> until(String told) throws IOException {
    List<String> all = new ArrayList<>();
    for (Optional<Event> next = next(); next.isPresent(); next = next()) {
      all.add(next.get().told());
      if (next.get().told().equals(told)) {
        return all;
      }
    }
    throw new IOException(told + " was not told, but " + all);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
