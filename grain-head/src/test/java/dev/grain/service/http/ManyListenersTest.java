package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.event.JobEvents;
import dev.grain.service.store.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As many listeners as a head serves, each with a connection. */
final class ManyListenersTest extends Served {
  @Test
  void listeners_asManyAsThereMayBe_areAllToldOfEachChange() throws Exception {
    List<EventStream> all = new ArrayList<>();
    try {
      while (all.size() < JobEvents.MOST) {
        String token = user("user" + all.size(), Role.ADMIN);
        for (int i = 0; i < JobEvents.MOST_OF_USER; i++) {
          EventStream stream =
              new EventStream(server.port(), token, "/events", List.of(), 0).begin();
          all.add(stream);
        }
      }
      assertThat(get("ada", "/events").problem(503, "unavailable"))
          .contains("1000 listeners are connected");
      submit("ada", "{\"id\": \"first\", \"command\": [\"true\"]}");
      submit("ada", "{\"id\": \"second\", \"command\": [\"true\"]}");
      for (EventStream each : all) {
        assertThat(each.until("second QUEUED")).containsExactly("first QUEUED", "second QUEUED");
      }
    } finally {
      for (EventStream each : all) {
        each.close();
      }
    }
  }
}
