/*
 * Messages of a librdkafka queue in, the columns of those written alike out; no Python in between.
 *
 * Plain C behind ctypes: it needs no Python headers, holds no lock and knows no rule of what a message may say. It is
 * also a librdkafka plugin (`plugin.library.paths`), the documented way to the handle of a client that another
 * library made. Strings go out as Arrow string views, which Polars takes over without a copy.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define EXPORT __attribute__((visibility("default")))

/* --- librdkafka: what of its stable ABI is used --- */

typedef struct rd_kafka_message_s {
    int err;
    void *topic;
    int32_t partition;
    void *payload; /* with an error: its text */
    size_t len;
    void *key;
    size_t key_len;
    int64_t offset;
    void *private;
} rd_kafka_message_t;

typedef int (*on_new_f)(void *rk, const void *conf, void *opaque, char *errstr, size_t size);

static struct {
    int (*conf_interceptor_add_on_new)(void *conf, const char *name, on_new_f on_new, void *opaque);
    void *(*queue_new)(void *rk);
    void (*queue_destroy)(void *queue);
    void *(*queue_get_partition)(void *rk, const char *topic, int32_t partition);
    void (*queue_forward)(void *source, void *target);
    ssize_t (*consume_batch_queue)(void *queue, int timeout_ms, rd_kafka_message_t **messages, size_t size);
    void (*message_destroy)(rd_kafka_message_t *message);
    const char *(*message_errstr)(const rd_kafka_message_t *message);
} kafka;

/* The client that this thread made last, until it is asked for. */
static __thread void *made_client;

/* What the Python side expects of the functions below. */
EXPORT int antennactl_version(void) { return 1; }

static int find_librdkafka(struct dl_phdr_info *info, size_t size, void *found) {
    (void)size;
    const char *slash = strrchr(info->dlpi_name, '/'); /* a folder may be called so too */
    if (!strstr(slash ? slash : info->dlpi_name, "librdkafka"))
        return 0;
    *(const char **)found = info->dlpi_name;
    return 1;
}

/* Takes the functions of the librdkafka that is loaded; false if there is none, or an older one. */
EXPORT bool antennactl_link(void) {
    const char *path = NULL;
    dl_iterate_phdr(find_librdkafka, &path);
    void *library = path ? dlopen(path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!library)
        return false;
#define TAKE(name) (*(void **)&kafka.name = dlsym(library, "rd_kafka_" #name))
    return TAKE(conf_interceptor_add_on_new) && TAKE(queue_new) && TAKE(queue_destroy) && TAKE(queue_get_partition) &&
           TAKE(queue_forward) && TAKE(consume_batch_queue) && TAKE(message_destroy) && TAKE(message_errstr);
#undef TAKE
}

static int on_new(void *rk, const void *conf, void *opaque, char *errstr, size_t size) {
    (void)conf, (void)opaque, (void)errstr, (void)size;
    made_client = rk;
    return 0;
}

/* Called by librdkafka when a client is configured with this library as a plugin. */
EXPORT int conf_init(void *conf, void **opaque, char *errstr, size_t size) {
    (void)opaque, (void)errstr, (void)size;
    return kafka.conf_interceptor_add_on_new(conf, "antennactl", on_new, NULL);
}

EXPORT void *antennactl_take_client(void) {
    void *client = made_client;
    made_client = NULL;
    return client;
}

EXPORT void *antennactl_queue_new(void *rk) { return kafka.queue_new(rk); }

EXPORT void antennactl_queue_destroy(void *queue) { kafka.queue_destroy(queue); }

/*
 * Sends what is fetched of the partitions to `queue`. Once that was said, before they are first assigned, nothing of them
 * goes to the consumer's own queue ever. The end of an assignment takes it back, some time later: what the next one
 * fetches then waits with the partition, in order, until it is said again. Without a queue it takes it back itself.
 */
EXPORT void antennactl_forward(void *rk, void *queue, const char *topic, const int32_t *partitions, size_t n) {
    for (size_t i = 0; i < n; i++) {
        void *source = kafka.queue_get_partition(rk, topic, partitions[i]);
        if (!source)
            continue;
        kafka.queue_forward(source, queue);
        kafka.queue_destroy(source);
    }
}

/* --- messages: payloads end to end, and where each comes from --- */

typedef struct {
    int32_t code, partition;
    int64_t offset;
    char text[256];
} event_t; /* an error, or the end of a partition */

typedef struct {
    int64_t n, n_bytes, n_events;
    uint8_t *bytes;
    int64_t *ends; /* of each payload in `bytes` */
    uint8_t *is_null;
    int32_t *partitions;
    int64_t *offsets;
    event_t *events;
} messages_t;

EXPORT void antennactl_free(messages_t *messages) {
    if (!messages)
        return;
    free(messages->bytes);
    free(messages->ends);
    free(messages->is_null);
    free(messages->partitions);
    free(messages->offsets);
    free(messages->events);
    free(messages);
}

/* Room for so many messages and events; NULL without memory. */
static messages_t *make_messages(size_t n, size_t n_bytes, size_t n_events) {
    messages_t *messages = calloc(1, sizeof *messages);
    if (!messages)
        return NULL;
    messages->bytes = malloc(n_bytes + 1);
    messages->ends = malloc((n + 1) * sizeof *messages->ends);
    messages->is_null = malloc(n + 1);
    messages->partitions = malloc((n + 1) * sizeof *messages->partitions);
    messages->offsets = malloc((n + 1) * sizeof *messages->offsets);
    messages->events = malloc((n_events + 1) * sizeof *messages->events);
    if (messages->bytes && messages->ends && messages->is_null && messages->partitions && messages->offsets &&
        messages->events)
        return messages;
    antennactl_free(messages);
    return NULL;
}

static void add_message(messages_t *messages, const void *payload, size_t size, int32_t partition, int64_t offset) {
    int64_t row = messages->n++;
    if (size)
        memcpy(messages->bytes + messages->n_bytes, payload, size);
    messages->n_bytes += size;
    messages->ends[row] = messages->n_bytes;
    messages->is_null[row] = payload == NULL;
    messages->partitions[row] = partition;
    messages->offsets[row] = offset;
}

static void add_event(messages_t *messages, const rd_kafka_message_t *message) {
    event_t *event = &messages->events[messages->n_events++];
    const char *text = kafka.message_errstr(message);
    event->code = message->err;
    event->partition = message->partition;
    event->offset = message->offset;
    strncpy(event->text, text ? text : "", sizeof event->text - 1);
    event->text[sizeof event->text - 1] = 0;
}

/* Returns up to `most` messages that came within the time; NULL without memory, or where the queue can't be read. */
EXPORT messages_t *antennactl_gather(void *queue, size_t most, int timeout_ms) {
    rd_kafka_message_t **taken = malloc(most * sizeof *taken);
    if (!taken)
        return NULL;
    ssize_t n_taken = kafka.consume_batch_queue(queue, timeout_ms, taken, most);
    size_t n_bytes = 0, n_events = 0;
    for (ssize_t i = 0; i < n_taken; i++) {
        if (taken[i]->err)
            n_events++;
        else
            n_bytes += taken[i]->len;
    }
    messages_t *messages = n_taken < 0 ? NULL : make_messages(n_taken, n_bytes, n_events);
    for (ssize_t i = 0; i < n_taken; i++) {
        rd_kafka_message_t *message = taken[i];
        if (messages && message->err)
            add_event(messages, message);
        else if (messages)
            add_message(messages, message->payload, message->len, message->partition, message->offset);
        kafka.message_destroy(message);
    }
    free(taken);
    return messages;
}

/* The same from what is in memory: `sizes` are -1 for a message without a payload. */
EXPORT messages_t *antennactl_pack(size_t n, const uint8_t *bytes, const int64_t *sizes, const int32_t *partitions,
                                   const int64_t *offsets) {
    size_t n_bytes = 0;
    for (size_t i = 0; i < n; i++)
        n_bytes += sizes[i] > 0 ? sizes[i] : 0;
    messages_t *messages = make_messages(n, n_bytes, 0);
    for (size_t i = 0; messages && i < n; i++) {
        size_t size = sizes[i] > 0 ? sizes[i] : 0;
        add_message(messages, sizes[i] < 0 ? NULL : bytes, size, partitions[i], offsets[i]);
        bytes += size;
    }
    return messages;
}

/* --- Arrow's C data interface --- */

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

enum { MOST_BUFFERS = 4, MOST_COLUMNS = 16 };

typedef struct {
    const void *buffers[MOST_BUFFERS];
    int64_t data_size; /* of the views' bytes */
    struct ArrowArray **children;
} owned_t;

static void release_array(struct ArrowArray *array) {
    owned_t *owned = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    for (int64_t i = 0; i < array->n_buffers; i++)
        if (owned->buffers[i] != &owned->data_size)
            free((void *)owned->buffers[i]);
    free(owned->children);
    free(owned);
    array->release = NULL;
}

static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free((void *)schema->name);
    schema->release = NULL;
}

static bool fill_array(struct ArrowArray *array, int64_t length, int64_t n_buffers, int64_t n_children) {
    owned_t *owned = calloc(1, sizeof *owned);
    memset(array, 0, sizeof *array);
    if (!owned)
        return false;
    array->length = length;
    array->n_buffers = n_buffers;
    array->buffers = owned->buffers;
    array->private_data = owned;
    array->release = release_array;
    owned->children = array->children = calloc(n_children + 1, sizeof *array->children);
    for (; array->children && array->n_children < n_children; array->n_children++)
        if (!(array->children[array->n_children] = calloc(1, sizeof *array)))
            break;
    if (array->n_children == n_children)
        return true;
    release_array(array);
    return false;
}

static bool fill_schema(struct ArrowSchema *schema, const char *format, const char *name, int64_t n_children) {
    memset(schema, 0, sizeof *schema);
    schema->format = format;
    schema->name = strdup(name);
    schema->release = release_schema;
    schema->children = calloc(n_children + 1, sizeof *schema->children);
    for (; schema->children && schema->n_children < n_children; schema->n_children++)
        if (!(schema->children[schema->n_children] = calloc(1, sizeof *schema)))
            break;
    if (schema->name && schema->n_children == n_children)
        return true;
    release_schema(schema);
    return false;
}

/* --- messages that are written alike --- */

typedef union {
    struct {
        int32_t size;
        char inlined[12];
    };
    struct {
        int32_t long_size;
        char prefix[4];
        int32_t buffer, position;
    };
} view_t;

/* What stands around the values, which are texts between quotes or integers; one more literal than values. */
typedef struct {
    int32_t n_values;
    uint8_t is_text[MOST_COLUMNS];
    const char *names[MOST_COLUMNS];
    const uint8_t *literals[MOST_COLUMNS + 1];
    int64_t sizes[MOST_COLUMNS + 1];
} layout_t;

typedef union {
    int64_t integer;
    struct {
        const uint8_t *start;
        int64_t size;
    };
} value_t;

/* Whether a text is ASCII without escapes and control characters: the same in the message and in its meaning. */
static bool is_plain(const uint8_t *text, int64_t size) {
    uint8_t bad = 0;
    for (int64_t i = 0; i < size; i++)
        bad |= (text[i] < 0x20) | (text[i] > 0x7e) | (text[i] == '\\');
    return !bad;
}

/* Takes a value at `*at`: false unless it is a plain text before a quote, or an integer as JSON writes it. */
static bool take_value(const uint8_t **at, const uint8_t *end, bool is_text, value_t *value) {
    const uint8_t *start = *at;
    if (is_text) {
        const uint8_t *quote = memchr(start, '"', end - start);
        if (!quote || !is_plain(start, quote - start))
            return false;
        value->start = start;
        value->size = quote - start;
        *at = quote;
        return true;
    }
    uint64_t integer = 0;
    const uint8_t *digit = start;
    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
        if (digit - start == 18) /* all of 18 digits fit in 64 bits */
            return false;
        integer = integer * 10 + (*digit - '0');
    }
    if (digit == start || (*start == '0' && digit - start > 1))
        return false;
    value->integer = integer;
    *at = digit;
    return true;
}

/* Whether the message is the layout with some values, to the last byte. */
static bool take_values(const layout_t *layout, const uint8_t *at, const uint8_t *end, value_t *values) {
    for (int32_t i = 0;; i++) {
        if (end - at < layout->sizes[i] || memcmp(at, layout->literals[i], layout->sizes[i]))
            return false;
        at += layout->sizes[i];
        if (i == layout->n_values)
            return at == end;
        if (!take_value(&at, end, layout->is_text[i], &values[i]))
            return false;
    }
}

/* Adds a text to a column of views; `data` has room for it. */
static void put_text(owned_t *column, uint8_t *data, int64_t row, const uint8_t *text, int64_t size) {
    view_t *view = &((view_t *)column->buffers[1])[row];
    memset(view, 0, sizeof *view);
    view->size = size;
    if (size <= (int64_t)sizeof view->inlined) {
        if (size)
            memcpy(view->inlined, text, size);
        return;
    }
    memcpy(view->prefix, text, sizeof view->prefix);
    view->position = column->data_size;
    memcpy(data + column->data_size, text, size);
    column->data_size += size;
}

/* Gives a column the texts that were put into `data`, and no byte more: it may be kept for long. */
static bool keep_data(owned_t *column, const uint8_t *data) {
    void *kept = malloc(column->data_size + 1);
    if (kept)
        memcpy(kept, data, column->data_size);
    column->buffers[2] = kept;
    return kept != NULL;
}

/* Room for views of texts; false without memory. */
static bool make_views(struct ArrowArray *array, int64_t n) {
    if (!fill_array(array, n, 4, 0))
        return false;
    owned_t *owned = array->private_data;
    owned->buffers[1] = calloc(n + 1, sizeof(view_t));
    owned->buffers[3] = &owned->data_size;
    return owned->buffers[1] != NULL;
}

static bool make_columns(const messages_t *messages, const layout_t *layout, struct ArrowArray *array,
                         struct ArrowSchema *schema) {
    int64_t n = messages->n;
    for (int32_t i = 0; i < layout->n_values; i++) {
        struct ArrowArray *column = array->children[i];
        bool is_text = layout->is_text[i];
        if (!fill_schema(schema->children[i], is_text ? "vu" : "l", layout->names[i], 0))
            return false;
        if (is_text ? !make_views(column, n) : !fill_array(column, n, 2, 0))
            return false;
        if (!is_text && !(column->buffers[1] = calloc(n + 1, sizeof(int64_t))))
            return false;
    }
    struct ArrowArray *exact = array->children[layout->n_values];
    if (!fill_schema(schema->children[layout->n_values], "b", "is_exact", 0) || !fill_array(exact, n, 2, 0))
        return false;
    exact->buffers[1] = calloc(n / 8 + 1, 1);
    return exact->buffers[1] != NULL;
}

static bool fill_columns(const messages_t *messages, const layout_t *layout, struct ArrowArray *array, uint8_t *data) {
    int32_t n_values = layout->n_values;
    uint8_t *exact = (uint8_t *)array->children[n_values]->buffers[1];
    owned_t *columns[MOST_COLUMNS];
    for (int32_t i = 0; i < n_values; i++)
        columns[i] = array->children[i]->private_data;
    value_t values[MOST_COLUMNS];
    for (int64_t row = 0; row < messages->n; row++) {
        const uint8_t *start = messages->bytes + (row ? messages->ends[row - 1] : 0);
        if (!take_values(layout, start, messages->bytes + messages->ends[row], values))
            continue;
        exact[row / 8] |= 1 << row % 8;
        for (int32_t i = 0; i < n_values; i++) {
            if (layout->is_text[i])
                put_text(columns[i], data + i * messages->n_bytes, row, values[i].start, values[i].size);
            else
                ((int64_t *)columns[i]->buffers[1])[row] = values[i].integer;
        }
    }
    for (int32_t i = 0; i < n_values; i++)
        if (layout->is_text[i] && !keep_data(columns[i], data + i * messages->n_bytes))
            return false;
    return true;
}

/*
 * Puts a struct array with a column a value and a Boolean `is_exact` into `array` and `schema`, which the caller owns
 * then; false without memory. Where `is_exact` is true the message is the layout with just these values; elsewhere
 * they are zero and empty.
 */
EXPORT bool antennactl_cut(const messages_t *messages, const layout_t *layout, struct ArrowArray *array,
                           struct ArrowSchema *schema) {
    int32_t n_values = layout->n_values;
    if (!fill_schema(schema, "+s", "", n_values + 1))
        return false;
    if (!fill_array(array, messages->n, 1, n_values + 1)) {
        release_schema(schema);
        return false;
    }
    /* What the columns hold of texts is known at the end: until then each has room for all that there is. */
    uint8_t *data = malloc(n_values * messages->n_bytes + 1);
    if (!data || !make_columns(messages, layout, array, schema) || !fill_columns(messages, layout, array, data)) {
        free(data);
        release_array(array);
        release_schema(schema);
        return false;
    }
    free(data);
    return true;
}

/* Puts the payloads into `array` and `schema` as one column of binaries, null for a message without one. */
EXPORT bool antennactl_payloads(const messages_t *messages, struct ArrowArray *array, struct ArrowSchema *schema) {
    if (!fill_schema(schema, "vz", "", 0))
        return false;
    uint8_t *validity = calloc(messages->n / 8 + 1, 1);
    uint8_t *data = malloc(messages->n_bytes + 1);
    if (!validity || !data || !make_views(array, messages->n)) {
        free(data);
        free(validity);
        if (array->release)
            release_array(array);
        release_schema(schema);
        return false;
    }
    owned_t *column = array->private_data;
    column->buffers[0] = validity;
    for (int64_t row = 0; row < messages->n; row++) {
        int64_t start = row ? messages->ends[row - 1] : 0;
        put_text(column, data, row, messages->bytes + start, messages->ends[row] - start);
        validity[row / 8] |= !messages->is_null[row] << row % 8;
        array->null_count += messages->is_null[row];
    }
    bool is_kept = keep_data(column, data);
    free(data);
    if (!is_kept) {
        release_array(array);
        release_schema(schema);
    }
    return is_kept;
}

/* Puts the Kafka partitions and offsets of the messages into `array` and `schema`, as antennactl_cut does. */
EXPORT bool antennactl_places(const messages_t *messages, struct ArrowArray *array, struct ArrowSchema *schema) {
    size_t n = messages->n;
    if (!fill_schema(schema, "+s", "", 2))
        return false;
    if (!fill_array(array, n, 1, 2)) {
        release_schema(schema);
        return false;
    }
    bool has_room = fill_schema(schema->children[0], "i", "kafka_partition", 0) &&
                    fill_schema(schema->children[1], "l", "kafka_offset", 0) && fill_array(array->children[0], n, 2, 0) &&
                    fill_array(array->children[1], n, 2, 0) &&
                    (array->children[0]->buffers[1] = malloc((n + 1) * sizeof(int32_t))) &&
                    (array->children[1]->buffers[1] = malloc((n + 1) * sizeof(int64_t)));
    if (!has_room) {
        release_array(array);
        release_schema(schema);
        return false;
    }
    memcpy((void *)array->children[0]->buffers[1], messages->partitions, n * sizeof(int32_t));
    memcpy((void *)array->children[1]->buffers[1], messages->offsets, n * sizeof(int64_t));
    return true;
}

/* Gives back what was not taken over. */
EXPORT void antennactl_release(struct ArrowArray *array, struct ArrowSchema *schema) {
    if (array->release)
        array->release(array);
    if (schema->release)
        schema->release(schema);
}
