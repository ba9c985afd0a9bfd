package dev.grain.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** What Grain writes beside items. */
final class Headers {
  private static final String PREFIX = "grain-";

  /** What identifies an item that was added anew; otherwise its partition and offset do. */
  private static final String ID = PREFIX + "id";

  /** How many times it was delivered before it was added anew, or as a dead letter. */
  private static final String DELIVERIES = PREFIX + "deliveries";

  /** Why it is a dead letter. */
  private static final String REASON = PREFIX + "reason";

  private Headers() {}

  static String id(ConsumerRecord<byte[], byte[]> record) {
    String id = text(record, ID);
    return id == null ? record.partition() + "-" + record.offset() : id;
  }

  /** Returns how many times the item was delivered before its record was. */
  static int deliveries(ConsumerRecord<byte[], byte[]> record) {
    String number = text(record, DELIVERIES);
    try {
      return number == null ? 0 : Math.max(0, Integer.parseInt(number));
    } catch (NumberFormatException e) {
      // of another program
      return 0;
    }
  }

  static String reason(ConsumerRecord<byte[], byte[]> record) {
    String reason = text(record, REASON);
    return reason == null ? "" : reason;
  }

  private static @Nullable String text(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }

  /** Returns the headers of an item that is added anew. */
  static List<Header> again(ConsumerRecord<byte[], byte[]> record, int deliveries) {
    List<Header> headers = foreign(record);
    headers.add(header(ID, id(record)));
    headers.add(header(DELIVERIES, Integer.toString(deliveries)));
    return headers;
  }

  /** Returns the headers of a dead letter. */
  static List<Header> dead(ConsumerRecord<byte[], byte[]> record, int deliveries, String reason) {
    List<Header> headers = again(record, deliveries);
    headers.add(header(REASON, reason));
    return headers;
  }

  /** Returns the headers that other programs have written. */
  static List<Header> foreign(ConsumerRecord<byte[], byte[]> record) {
    List<Header> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      if (!header.key().startsWith(PREFIX)) {
        headers.add(header);
      }
    }
    return headers;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(UTF_8));
  }
}
