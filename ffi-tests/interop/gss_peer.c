/*
 * One end of a conversation by a GSS-API library: MIT's, or Heimdal's when it
 * is compiled with -DHEIMDAL.
 *
 *   gss_peer accept MECHANISM BINDINGS
 *   gss_peer initiate MECHANISM BINDINGS TARGET FLAGS [NAME [PASSWORD]]
 *
 * MECHANISM is krb5 or spnego; spnego offers Kerberos alone, spnego+ntlm
 * whatever the library has. BINDINGS is hexadecimal application data or "-".
 * TARGET is service@host, or a principal name when it has no @ or has a slash.
 * FLAGS is decimal (GSS_C_*). Without NAME the default credentials are used,
 * without PASSWORD those of the caches for that name.
 *
 * Requests come on standard input, each an operation, the length of its data
 * in four bytes (little endian) and the data; the answers go to standard
 * output: major status, minor status, length, data. The first answer comes
 * unasked: that of acquiring the credential.
 *
 *   s  step: a token of the other side; answers our token
 *   w  wrap with confidentiality       W  wrap without
 *   u  unwrap; answers one byte (was it confidential?) and the data
 *   m  get a MIC
 *   v  verify a MIC: its length in four bytes, the MIC, the message
 *   i  wrap parts with confidentiality I  without
 *   o  unwrap parts; answers one byte and the parts
 *      a part is its GSS_IOV_BUFFER_TYPE, its length (four bytes each), its data;
 *      to be wrapped, header, padding and trailer are sent empty
 *   k  the session key: its enctype in four bytes (0: not said), the key
 *   n  the initiator's name            t  the acceptor's name
 *   f  the granted flags, four bytes   l  the lifetime in seconds, four bytes
 *   d  stores the delegated credential in the credential cache named by the data
 */
#ifdef HEIMDAL
#include <krb5.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <gssapi/gssapi_spnego.h>
#define ALLOCATE GSS_IOV_BUFFER_TYPE_FLAG_ALLOCATE
#define ALLOCATED GSS_IOV_BUFFER_TYPE_FLAG_ALLOCATED
#define PRINCIPAL_NAME GSS_KRB5_NT_PRINCIPAL_NAME
#else
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#define ALLOCATE GSS_IOV_BUFFER_FLAG_ALLOCATE
#define ALLOCATED GSS_IOV_BUFFER_FLAG_ALLOCATED
#define PRINCIPAL_NAME GSS_KRB5_NT_PRINCIPAL_NAME
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PARTS 16

static gss_OID_desc krb5_oid = {9, (void *)"\052\206\110\206\367\022\001\002\002"};
static gss_OID_desc spnego_oid = {6, (void *)"\053\006\001\005\005\002"};
/* GSS_C_INQ_SSPI_SESSION_KEY, which Heimdal declares and does not export. */
static gss_OID_desc session_key_oid = {11, (void *)"\052\206\110\206\367\022\001\002\002\005\005"};
static gss_OID_set_desc krb5_only = {1, &krb5_oid};
static gss_OID_set_desc spnego_only = {1, &spnego_oid};

static gss_ctx_id_t context = GSS_C_NO_CONTEXT;
static gss_cred_id_t credential = GSS_C_NO_CREDENTIAL, delegated = GSS_C_NO_CREDENTIAL;
static gss_name_t target = GSS_C_NO_NAME;
static struct gss_channel_bindings_struct bindings;
static gss_channel_bindings_t bound = GSS_C_NO_CHANNEL_BINDINGS;
static OM_uint32 request_flags, granted_flags, minor;
static int accepts, negotiates, only_kerberos;

static void *room(size_t length)
{
	void *memory = malloc(length + 1);

	if (memory == NULL)
		exit(3);
	return memory;
}

static uint32_t number_at(const unsigned char *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put(const void *data, size_t length)
{
	if (length != 0 && fwrite(data, 1, length, stdout) != length)
		exit(3);
}

static void put_number(uint32_t number)
{
	unsigned char bytes[4] = {(unsigned char)number, (unsigned char)(number >> 8),
				  (unsigned char)(number >> 16), (unsigned char)(number >> 24)};

	put(bytes, 4);
}

/* The answer is HEAD, then DATA. */
static void answer_two(OM_uint32 major, const void *head, size_t head_length, const void *data, size_t length)
{
	if (GSS_ERROR(major))
		head_length = length = 0;
	put_number(major);
	put_number(minor);
	put_number((uint32_t)(head_length + length));
	put(head, head_length);
	put(data, length);
	fflush(stdout);
}

static void answer(OM_uint32 major, const void *data, size_t length)
{
	answer_two(major, NULL, 0, data, length);
}

static void answer_number(OM_uint32 major, uint32_t number)
{
	unsigned char bytes[4] = {(unsigned char)number, (unsigned char)(number >> 8),
				  (unsigned char)(number >> 16), (unsigned char)(number >> 24)};

	answer(major, bytes, 4);
}

/* Tokens are sent even with an error: a KRB-ERROR, a reject. */
static void answer_token(OM_uint32 major, gss_buffer_t token)
{
	OM_uint32 ignored;

	put_number(major);
	put_number(minor);
	put_number((uint32_t)token->length);
	put(token->value, token->length);
	fflush(stdout);
	gss_release_buffer(&ignored, token);
}

static void answer_buffer(OM_uint32 major, gss_buffer_t buffer)
{
	OM_uint32 ignored;

	answer(major, buffer->value, buffer->length);
	gss_release_buffer(&ignored, buffer);
}

static OM_uint32 import(const char *text, gss_OID type, gss_name_t *name)
{
	gss_buffer_desc buffer = {strlen(text), (void *)text};

	return gss_import_name(&minor, &buffer, type, name);
}

static void bind_to(const char *hexadecimal)
{
	size_t index, length = strlen(hexadecimal) / 2;
	unsigned char *data;
	unsigned byte;

	if (strcmp(hexadecimal, "-") == 0)
		return;
	data = room(length);
	for (index = 0; index < length; index++) {
		if (sscanf(hexadecimal + 2 * index, "%2x", &byte) != 1)
			exit(2);
		data[index] = (unsigned char)byte;
	}
	bindings.application_data.value = data;
	bindings.application_data.length = length;
	bound = &bindings;
}

static OM_uint32 acquire(const char *name_text, const char *password)
{
	gss_OID_set mechanisms = &krb5_only;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major;

	if (negotiates)
		mechanisms = only_kerberos ? &spnego_only : GSS_C_NO_OID_SET;
	if (name_text != NULL) {
		major = import(name_text, GSS_C_NT_USER_NAME, &name);
		if (GSS_ERROR(major))
			return major;
	}
	if (password != NULL) {
		gss_buffer_desc secret = {strlen(password), (void *)password};

		major = gss_acquire_cred_with_password(&minor, name, &secret, GSS_C_INDEFINITE, mechanisms,
						       GSS_C_INITIATE, &credential, NULL, NULL);
	} else {
		major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, mechanisms,
					 accepts ? GSS_C_ACCEPT : GSS_C_INITIATE, &credential, NULL, NULL);
	}
#ifndef HEIMDAL
	if (!GSS_ERROR(major) && negotiates && only_kerberos)
		major = gss_set_neg_mechs(&minor, credential, &krb5_only);
#endif
	return major;
}

static void step(gss_buffer_t token)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, ignored;

	if (accepts) {
		gss_cred_id_t forwarded = GSS_C_NO_CREDENTIAL;

		major = gss_accept_sec_context(&minor, &context, credential, token, bound, NULL, NULL, &output,
					       &granted_flags, NULL, &forwarded);
		if (forwarded != GSS_C_NO_CREDENTIAL) {
			gss_release_cred(&ignored, &delegated);
			delegated = forwarded;
		}
	} else {
		major = gss_init_sec_context(&minor, credential, &context, target,
					     negotiates ? &spnego_oid : &krb5_oid, request_flags, 0, bound, token,
					     NULL, &output, &granted_flags, NULL);
	}
	answer_token(major, &output);
}

static void wrap(gss_buffer_t data, int confidential)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	int was_confidential = confidential;
	OM_uint32 major =
	    gss_wrap(&minor, context, confidential, GSS_C_QOP_DEFAULT, data, &was_confidential, &output);

	if (!GSS_ERROR(major) && was_confidential != confidential)
		exit(4);
	answer_buffer(major, &output);
}

static void unwrap(gss_buffer_t data)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	int confidential = 0;
	OM_uint32 ignored, major = gss_unwrap(&minor, context, data, &output, &confidential, NULL);
	char was_confidential = (char)confidential;

	answer_two(major, &was_confidential, 1, output.value, output.length);
	gss_release_buffer(&ignored, &output);
}

static void get_mic(gss_buffer_t data)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, data, &output);

	answer_buffer(major, &output);
}

static void verify_mic(gss_buffer_t request)
{
	const unsigned char *bytes = request->value;
	gss_buffer_desc mic, data;

	if (request->length < 4 || number_at(bytes) > request->length - 4)
		exit(2);
	mic.length = number_at(bytes);
	mic.value = (void *)(bytes + 4);
	data.length = request->length - 4 - mic.length;
	data.value = (void *)(bytes + 4 + mic.length);
	answer(gss_verify_mic(&minor, context, &data, &mic, NULL), NULL, 0);
}

/* Reads the parts of a request, in place; what is to be made by the library is asked to be allocated. */
static int read_parts(gss_buffer_t request, gss_iov_buffer_desc *parts, int to_wrap)
{
	unsigned char *at = request->value, *end = at + request->length;
	int count = 0;

	while (end - at >= 8 && count < MOST_PARTS) {
		gss_iov_buffer_desc *part = &parts[count++];
		uint32_t length = number_at(at + 4);

		part->type = number_at(at);
		if (length > (size_t)(end - at - 8))
			exit(2);
		part->buffer.length = length;
		part->buffer.value = at + 8;
		at += 8 + length;
		if (to_wrap && length == 0 &&
		    (part->type == GSS_IOV_BUFFER_TYPE_HEADER || part->type == GSS_IOV_BUFFER_TYPE_PADDING ||
		     part->type == GSS_IOV_BUFFER_TYPE_TRAILER))
			part->type |= ALLOCATE;
		if (!to_wrap && part->type == GSS_IOV_BUFFER_TYPE_DATA && length == 0)
			part->buffer.value = NULL;
	}
	if (at != end)
		exit(2);
	return count;
}

static void answer_parts(OM_uint32 major, int confidential, gss_iov_buffer_desc *parts, int count)
{
	size_t length = 1;
	int index;

	if (GSS_ERROR(major)) {
		answer(major, NULL, 0);
		return;
	}
	for (index = 0; index < count; index++)
		length += 8 + parts[index].buffer.length;
	put_number(major);
	put_number(minor);
	put_number((uint32_t)length);
	putchar(confidential);
	for (index = 0; index < count; index++) {
		put_number(parts[index].type & 0xFFFF);
		put_number((uint32_t)parts[index].buffer.length);
		put(parts[index].buffer.value, parts[index].buffer.length);
	}
	fflush(stdout);
}

static void release_parts(gss_iov_buffer_desc *parts, int count)
{
	OM_uint32 ignored;
	int index;

	for (index = 0; index < count; index++)
		if (parts[index].type & ALLOCATED)
			gss_release_buffer(&ignored, &parts[index].buffer);
}

static void wrap_parts(gss_buffer_t request, int confidential)
{
	gss_iov_buffer_desc parts[MOST_PARTS];
	int count = read_parts(request, parts, 1), was_confidential = confidential;
	OM_uint32 major = gss_wrap_iov(&minor, context, confidential, GSS_C_QOP_DEFAULT, &was_confidential, parts,
				       count);

	answer_parts(major, was_confidential, parts, count);
	release_parts(parts, count);
}

static void unwrap_parts(gss_buffer_t request)
{
	gss_iov_buffer_desc parts[MOST_PARTS];
	int count = read_parts(request, parts, 0), confidential = 0;
	OM_uint32 major = gss_unwrap_iov(&minor, context, &confidential, NULL, parts, count);

	answer_parts(major, confidential, parts, count);
	release_parts(parts, count);
}

/* The second element is an object identifier that ends with the enctype. */
static uint32_t enctype_of(gss_buffer_t identifier)
{
	const unsigned char *bytes = identifier->value;
	uint32_t value = 0;
	size_t index, start = identifier->length;

	while (start > 0 && (start == identifier->length || bytes[start - 1] & 0x80))
		start--;
	for (index = start; index < identifier->length; index++)
		value = value << 7 | (bytes[index] & 0x7F);
	return value;
}

static void session_key(void)
{
	gss_buffer_set_t found = GSS_C_NO_BUFFER_SET;
	OM_uint32 ignored, major;
	uint32_t enctype = 0;

	major = gss_inquire_sec_context_by_oid(&minor, context, &session_key_oid, &found);
	if (GSS_ERROR(major) || found == GSS_C_NO_BUFFER_SET || found->count == 0) {
		answer(GSS_ERROR(major) ? major : GSS_S_UNAVAILABLE, NULL, 0);
	} else {
		unsigned char head[4];

		if (found->count > 1)
			enctype = enctype_of(&found->elements[1]);
		head[0] = (unsigned char)enctype;
		head[1] = head[2] = head[3] = 0;
		answer_two(major, head, 4, found->elements[0].value, found->elements[0].length);
	}
	gss_release_buffer_set(&ignored, &found);
}

static void inquire(int which)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	gss_name_t initiator = GSS_C_NO_NAME, acceptor = GSS_C_NO_NAME;
	OM_uint32 ignored, lifetime = 0, flags = 0;
	OM_uint32 major =
	    gss_inquire_context(&minor, context, &initiator, &acceptor, &lifetime, NULL, &flags, NULL, NULL);

	if (GSS_ERROR(major)) {
		answer(major, NULL, 0);
	} else if (which == 'l') {
		answer_number(major, lifetime);
	} else {
		major = gss_display_name(&minor, which == 'n' ? initiator : acceptor, &text, NULL);
		answer_buffer(major, &text);
	}
	gss_release_name(&ignored, &initiator);
	gss_release_name(&ignored, &acceptor);
}

static OM_uint32 store_in(const char *cache)
{
#ifdef HEIMDAL
	krb5_context krb5;
	krb5_ccache into;
	OM_uint32 major;

	if (krb5_init_context(&krb5) != 0 || krb5_cc_resolve(krb5, cache, &into) != 0)
		exit(3);
	/* gss_krb5_copy_ccache writes the credentials; the principal must be there. */
	major = gss_krb5_copy_ccache(&minor, delegated, into);
	krb5_cc_close(krb5, into);
	krb5_free_context(krb5);
	return major;
#else
	gss_key_value_element_desc element = {"ccache", cache};
	gss_key_value_set_desc store = {1, &element};

	return gss_store_cred_into(&minor, delegated, GSS_C_INITIATE, &krb5_oid, 1, 1, &store, NULL, NULL);
#endif
}

static void store_delegated(gss_buffer_t cache)
{
	((char *)cache->value)[cache->length] = '\0';
	answer(delegated == GSS_C_NO_CREDENTIAL ? GSS_S_NO_CRED : store_in(cache->value), NULL, 0);
}

static int serve(void)
{
	unsigned char head[5];
	gss_buffer_desc data;

	while (fread(head, 1, 5, stdin) == 5) {
		data.length = number_at(head + 1);
		data.value = room(data.length);
		if (fread(data.value, 1, data.length, stdin) != data.length)
			return 3;
		minor = 0;
		switch (head[0]) {
		case 's': step(&data); break;
		case 'w': wrap(&data, 1); break;
		case 'W': wrap(&data, 0); break;
		case 'u': unwrap(&data); break;
		case 'm': get_mic(&data); break;
		case 'v': verify_mic(&data); break;
		case 'i': wrap_parts(&data, 1); break;
		case 'I': wrap_parts(&data, 0); break;
		case 'o': unwrap_parts(&data); break;
		case 'k': session_key(); break;
		case 'n': case 't': case 'l': inquire(head[0]); break;
		case 'f': answer_number(GSS_S_COMPLETE, granted_flags); break;
		case 'd': store_delegated(&data); break;
		default: return 2;
		}
		free(data.value);
	}
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: gss_peer accept MECHANISM BINDINGS\n"
			"       gss_peer initiate MECHANISM BINDINGS TARGET FLAGS [NAME [PASSWORD]]\n");
	return 2;
}

int main(int count, char **arguments)
{
	OM_uint32 major = GSS_S_COMPLETE;

	if (count < 4)
		return usage();
	accepts = strcmp(arguments[1], "accept") == 0;
	negotiates = strncmp(arguments[2], "spnego", 6) == 0;
	only_kerberos = strcmp(arguments[2], "spnego+ntlm") != 0;
	bind_to(arguments[3]);
	if (!accepts) {
		if (count < 6)
			return usage();
		major = import(arguments[4],
			       strchr(arguments[4], '@') == NULL || strchr(arguments[4], '/') != NULL
				   ? (gss_OID)PRINCIPAL_NAME
				   : GSS_C_NT_HOSTBASED_SERVICE,
			       &target);
		request_flags = (OM_uint32)strtoul(arguments[5], NULL, 10);
	}
	if (!GSS_ERROR(major))
		major = acquire(count > 6 ? arguments[6] : NULL, count > 7 ? arguments[7] : NULL);
	answer(major, NULL, 0);
	return serve();
}
