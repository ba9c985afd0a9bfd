package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.cloud.pubsub.v1.stub.PublisherStub;
import com.google.protobuf.ByteString;
import com.google.pubsub.v1.PublishRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PubsubMessage;
import dev.grain.minion.QueueException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Publishes many messages, in requests that the service takes. For one thread. */
final class Publishing {
  static final int MOST_MESSAGES = 1000;
  static final long MOST_BYTES = 9_000_000;
  private static final int LARGEST_MESSAGE = 10_000_000;

  /** How many requests are on their way at a time. */
  private static final int AHEAD = 4;

  /** The service takes no message that has nothing. */
  private static final String EMPTY = "grain-empty";

  private final Place place;
  private final PublisherStub publisher;
  private final String topic;
  private final Deque<Sent> sent = new ArrayDeque<>();
  private List<PubsubMessage> some = new ArrayList<>();
  private long bytes;
  private long added;

  private record Sent(int count, ApiFuture<PublishResponse> answer) {}

  Publishing(Place place, PublisherStub publisher, String topic) {
    this.place = place;
    this.publisher = publisher;
    this.topic = topic;
  }

  /** Returns the message of an item. */
  static PubsubMessage message(byte[] value) {
    PubsubMessage.Builder message = PubsubMessage.newBuilder().setData(ByteString.copyFrom(value));
    return value.length == 0 ? message.putAttributes(EMPTY, "true").build() : message.build();
  }

  void add(PubsubMessage message) throws QueueException {
    int size = message.getSerializedSize();
    if (size > LARGEST_MESSAGE) {
      flush();
      throw new QueueException(
          "The queue %s cannot be filled: item %s has %s bytes, and Pub/Sub takes 10 MB. Put what is larger into a file, and its name into the queue. The first %s items were added."
              .formatted(place, added + 1, message.getData().size(), added));
    }
    if (some.size() >= MOST_MESSAGES || bytes + size > MOST_BYTES) {
      send();
    }
    some.add(message);
    bytes += size;
  }

  /** Adds items without waiting for others. */
  void addNow(List<byte[]> values) throws QueueException {
    for (byte[] each : values) {
      add(message(each));
    }
    send();
  }

  private void send() throws QueueException {
    if (some.isEmpty()) {
      return;
    }
    if (sent.size() >= AHEAD) {
      settle();
    }
    PublishRequest request =
        PublishRequest.newBuilder().setTopic(topic).addAllMessages(some).build();
    sent.add(new Sent(some.size(), publisher.publishCallable().futureCall(request)));
    some = new ArrayList<>();
    bytes = 0;
  }

  private void settle() throws QueueException {
    Sent first = sent.remove();
    try {
      var _ = Reasons.get(place, "filled", first.answer());
      added += first.count();
    } catch (QueueException e) {
      throw new QueueException(
          "%s The first %s items were added.".formatted(e.getMessage(), added), e);
    }
  }

  /** Sends what is left, and returns how many were added. */
  long flush() throws QueueException {
    send();
    while (!sent.isEmpty()) {
      settle();
    }
    return added;
  }
}
